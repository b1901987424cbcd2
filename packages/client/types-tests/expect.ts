/** `true` when both are the same type, not only assignable to each other. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does not compile unless the type is `true`. */
export declare function holds<_T extends true>(): void;

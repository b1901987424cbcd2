import type { KeyNotification, KeyspaceGap, KeyspaceTopologyChange, KeyspaceWarning } from 'redis-keyspace';
import type { Kind } from '../connection/settings';
import type { RateReport } from './rates';

/** Why watching ended. */
export type EndReason = 'interrupted' | 'until' | 'closed';

/** Something is not as it should be, and how to put it right. */
export interface WatchWarning {
  readonly code: KeyspaceWarning['code'] | 'SENTINEL_NAMES';
  readonly message: string;
  readonly node: string;
}

/** All that `watch` tells, in the order in which it happens. */
export type Happening = { readonly time: Date } & (
  | {
      readonly type: 'watching';
      readonly kind: Kind;
      readonly url: string;
      readonly nodes: readonly string[];
      readonly slots: number;
    }
  | { readonly type: 'notification'; readonly notification: KeyNotification<Buffer> }
  | { readonly type: 'gap' | 'recovered'; readonly gap: KeyspaceGap }
  | { readonly type: 'topology'; readonly change: KeyspaceTopologyChange }
  | { readonly type: 'warning'; readonly warning: WatchWarning }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'rate'; readonly rates: RateReport }
  | { readonly type: 'end'; readonly reason: EndReason; readonly heard: number; readonly gaps: number }
);

/** Takes what happens. A promise means that its reader is slow: what comes next is held back meanwhile. */
export type Sink = (happening: Happening) => Promise<void> | undefined;

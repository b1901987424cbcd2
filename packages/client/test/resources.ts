type Close = () => unknown;

/** What tests open, closed in reverse order of opening, whatever happened in between. */
export class Resources {
  #closers: Close[] = [];

  /** Registers what ends a resource where it is opened, and gives the resource back. */
  add<T>(resource: T, close: (resource: T) => unknown): T {
    this.#closers.push(() => close(resource));
    return resource;
  }

  /** Closes everything, then throws the first error that closing met. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length) throw failures[0];
  }
}

/** For what lasts as long as a test: called in the body of a suite. */
export function perTest(): Resources {
  const resources = new Resources();
  afterEach(() => resources.close());
  return resources;
}

/** For what lasts as long as the suite in whose body it is called. */
export function perSuite(): Resources {
  const resources = new Resources();
  after(() => resources.close());
  return resources;
}

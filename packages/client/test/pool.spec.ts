describe('pool', () => undefined);

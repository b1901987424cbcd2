describe('access-control', () => undefined);

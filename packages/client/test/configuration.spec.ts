describe('configuration', () => undefined);

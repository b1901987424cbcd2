describe('standalone', () => undefined);

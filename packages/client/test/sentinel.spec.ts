describe('sentinel', () => undefined);

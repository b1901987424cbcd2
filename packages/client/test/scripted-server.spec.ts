describe('scripted-server', () => undefined);

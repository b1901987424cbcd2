import assert from 'node:assert/strict';
import { parseServerUrl } from './server-url';

describe('parseServerUrl', () => {
  it('takes credentials, database and TLS, and never shows the password', () => {
    assert.deepEqual(parseServerUrl('rediss://a%40b:p%2Fw@host:7000/3'), {
      host: 'host',
      port: 7000,
      tls: true,
      username: 'a@b',
      password: 'p/w',
      database: 3,
      shown: 'rediss://a%40b@host:7000/3'
    });
  });

  it('takes a password without a user', () => {
    const { username, password, shown } = parseServerUrl('redis://:secret@host');
    assert.deepEqual([username, password, shown], [undefined, 'secret', 'redis://host:6379']);
  });

  it('takes an IPv6 address, and the default port', () => {
    const { host, port, shown } = parseServerUrl('redis://[::1]/');
    assert.deepEqual([host, port, shown], ['::1', 6379, 'redis://[::1]:6379']);
  });
});

import { connect, type AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { RedisServer } from '@redis-keyspace/test-utils';

/** Of `keyspace.test`, signed by itself, for these tests only. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBoTCCAUegAwIBAgIUMkWao5SbEyTvxXf5aJTY+CZ9C/UwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNa2V5c3BhY2UudGVzdDAgFw0yNjExMjAyMDI2NTVaGA8yMTI2
MTAyNzIwMjY1NVowGDEWMBQGA1UEAwwNa2V5c3BhY2UudGVzdDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABMl9+TXZrFT6XgYqAdVQlqQbrXetr7o2dNaWvMwz07x0
ib8TqNySzkbPpWXLEzADQlnyR3OXJXN4ff8+7e9po4yjbTBrMB0GA1UdDgQWBBR0
q1Fz7/RlwFpA45kOHrf9ajaUPzAfBgNVHSMEGDAWgBR0q1Fz7/RlwFpA45kOHrf9
ajaUPzAPBgNVHRMBAf8EBTADAQH/MBgGA1UdEQQRMA+CDWtleXNwYWNlLnRlc3Qw
CgYIKoZIzj0EAwIDSAAwRQIgHF4Jwu3QeQt+Dq8T67OuIUUS8+Irc91oiyzCOkwV
0+ECIQC/RzOSGzN8ACvrLrxE6VbSvZDxfeg/3GwsOnQSy5iz9w==
-----END CERTIFICATE-----
`;

export const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgR163W66fCxzTUVwB
z24EtTyjc92HwbBeRgvHlM6/5bChRANCAATJffk12axU+l4GKgHVUJakG613ra+6
NnTWlrzMM9O8dIm/E6jcks5Gz6VlyxMwA0JZ8kdzlyVzeH3/Pu3vaaOM
-----END PRIVATE KEY-----
`;

/** Speaks TLS in front of a server that does not. @returns its port, and how to end it. */
export async function startTlsProxy(server: RedisServer): Promise<AsyncDisposable & { readonly port: number }> {
  const proxy = createServer({ cert: CERTIFICATE, key: KEY }, client => {
    const upstream = connect(server.port, server.host);
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  proxy.on('tlsClientError', () => undefined);
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
  return {
    port: (proxy.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise(resolve => proxy.close(() => resolve()))
  };
}

/** Stands before the advice in a message. */
export const ADVICE = '\n  -> ';

/** What to do about the reason for which a server did not let us in; undefined where that does not tell. */
export function adviceFor(reason: string): string | undefined {
  if (isRefusedLogin(reason))
    return 'give --user, and the password by KEYSPACE_PASSWORD, --password-file or --ask-password';
  if (/NOPERM.*'(hello|client)\b/i.test(reason))
    return 'the user may not even connect: grant +hello and +client|setinfo';
  if (/DB index is out of range/.test(reason)) return 'the server has no such database: choose another in the URL';
  if (/self.signed|unable to (verify|get)|certificate/i.test(reason))
    return 'give the authority by --tls-ca, or the name by --tls-server-name';
  if (/ECONNRESET|Socket closed|SSL|wrong version/i.test(reason))
    return 'does it speak TLS, or not? rediss:// and --tls are with, redis:// is without';
  return undefined;
}

/** Whether other credentials would have been let in. */
export function isRefusedLogin(reason: string): boolean {
  return /NOAUTH|WRONGPASS|invalid username-password|called without any password/i.test(reason);
}

/** As the whole of an error message. */
export function cannotConnect(shownUrl: string, reason: string): string {
  const advice = adviceFor(reason);
  return `Cannot connect to ${shownUrl}: ${reason}${advice === undefined ? '' : ADVICE + advice}`;
}

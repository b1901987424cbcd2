import type { ChannelName } from './channel';
import { escapeGlob } from './glob';

const BLANK = /[\0\t-\r ]/;

/**
 * The ACL rule that allows this name and as little else as a rule can say. A pattern has to equal a rule byte for
 * byte, while an exact channel is matched against the rule as against a glob: what is special there is escaped. ACL
 * SETUSER takes no blanks (Redis 7.0 to 8.6, Valkey 9.1): in a rule for an exact channel a `?` stands for each, and
 * a pattern that contains one is allowed by nothing less than `&*`.
 */
export function aclRule({ bytes, pattern }: ChannelName): string {
  const name = bytes.toString();
  if (pattern) return BLANK.test(name) ? '&*' : `&${name}`;
  return `&${escapeGlob(bytes).toString()}`.replace(new RegExp(BLANK, 'g'), '?');
}

import { isUtf8 } from 'node:buffer';
import type { KeyspaceGap } from 'redis-keyspace';
import type { Happening } from './happening';

/** A happening as `--json` and `--output` have it: names and meanings never change, names may be added. */
export function recordOf(happening: Happening): Record<string, unknown> {
  const { type, time } = happening;
  const head = { type, time: time.toISOString() };
  switch (happening.type) {
    case 'notification': {
      const { node, database, event, key, subkeys } = happening.notification;
      return { ...head, node, database, event, ...bytes('key', key), ...fields(subkeys) };
    }
    case 'gap':
    case 'recovered':
      return { ...head, ...gapRecord(happening.gap) };
    case 'topology':
      return { ...head, ...happening.change };
    case 'warning': {
      const { code, node, message } = happening.warning;
      return { ...head, code, node, message };
    }
    case 'error':
      return { ...head, message: happening.message };
    case 'rate':
      return { ...head, ...happening.rates };
    case 'watching':
    case 'end': {
      const { type: _type, time: _time, ...rest } = happening;
      return { ...head, ...rest };
    }
  }
}

function gapRecord({ reason, node, slots, since, until, dropped }: KeyspaceGap): Record<string, unknown> {
  return { reason, node, slots, since: since.toISOString(), until: until?.toISOString(), dropped };
}

/** What is not UTF-8 cannot be a string of JSON: then the bytes come besides. */
function bytes(name: string, value: Buffer): Record<string, string> {
  const text = value.toString();
  return isUtf8(value) ? { [name]: text } : { [name]: text, [`${name}Base64`]: value.toString('base64') };
}

function fields(subkeys: readonly Buffer[]): Record<string, unknown> {
  if (!subkeys.length) return {};
  const texts = { subkeys: subkeys.map(String) };
  return subkeys.every(subkey => isUtf8(subkey))
    ? texts
    : { ...texts, subkeysBase64: subkeys.map(subkey => subkey.toString('base64')) };
}

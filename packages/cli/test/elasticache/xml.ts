/** A document as a value: objects are elements, arrays repeat the one element that they are told to. */
export type Xml = string | number | boolean | undefined | XmlObject;

export interface XmlObject {
  readonly [element: string]: Xml | readonly Xml[];
}

/** The elements of a list, as ElastiCache wraps them: `<CacheClusters><CacheCluster>…`. */
export function list(item: string, values: readonly Xml[]): XmlObject {
  return { [item]: values };
}

export function toXml(value: Xml): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return escaped(String(value));
  return Object.entries(value)
    .map(([name, content]) => {
      const all: readonly Xml[] = Array.isArray(content) ? content : [content as Xml];
      return all
        .filter(one => one !== undefined)
        .map(one => `<${name}>${toXml(one)}</${name}>`)
        .join('');
    })
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

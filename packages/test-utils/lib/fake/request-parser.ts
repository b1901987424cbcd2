const CRLF = Buffer.from('\r\n');

/** Cuts a client's byte stream into commands; a command may arrive in any number of pieces. */
export class RequestParser {
  #bytes: Buffer = Buffer.alloc(0);

  /** Takes the next piece and gives the commands that are complete now. */
  write(piece: Buffer): Buffer[][] {
    this.#bytes = this.#bytes.length === 0 ? piece : Buffer.concat([this.#bytes, piece]);
    const commands: Buffer[][] = [];
    for (let offset = 0; ;) {
      const parsed = readCommand(this.#bytes, offset);
      if (parsed === undefined) {
        this.#bytes = this.#bytes.subarray(offset);
        return commands;
      }
      commands.push(parsed.args);
      offset = parsed.end;
    }
  }
}

function readCommand(bytes: Buffer, start: number): { args: Buffer[]; end: number } | undefined {
  const head = readLine(bytes, start);
  if (head === undefined) {
    return undefined;
  }
  if (!head.line.startsWith('*')) {
    throw new Error(`A command begins with *, not with ${JSON.stringify(head.line.slice(0, 20))}`);
  }
  const args: Buffer[] = [];
  let { end } = head;
  for (let missing = Number(head.line.slice(1)); missing > 0; missing--) {
    const header = readLine(bytes, end);
    const length = Number(header?.line.slice(1));
    if (header === undefined || bytes.length < header.end + length + CRLF.length) {
      return undefined;
    }
    args.push(Buffer.from(bytes.subarray(header.end, header.end + length)));
    end = header.end + length + CRLF.length;
  }
  return { args, end };
}

function readLine(bytes: Buffer, start: number): { line: string; end: number } | undefined {
  const at = bytes.indexOf(CRLF, start);
  return at < 0 ? undefined : { line: bytes.toString('latin1', start, at), end: at + CRLF.length };
}

/** The server that an example talks to: its first argument, or REDIS_URL. Says what to do when there is neither. */
export function redisUrl(): string {
  const url = process.argv[2] ?? process.env.REDIS_URL;
  if (url) return url;
  console.error('Which server? Give its URL: npx tsx examples/<name>.ts redis://127.0.0.1:6379 (or set REDIS_URL).');
  console.error('An example writes a few keys that begin with "example:" and deletes them.');
  process.exit(2);
}

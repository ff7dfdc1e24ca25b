import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { TowpathError } from '@towpath/contract';

/**
 * Encrypts small texts for the store with AES-256-GCM. What is sealed for one context (`target/7/KEY`) opens in no other.
 *
 *   byte 0       version of this layout, 1
 *   bytes 1–4    which key: the first bytes of its SHA-256
 *   bytes 5–16   nonce, random
 *   bytes 17–32  tag
 *   bytes 33–    ciphertext
 */
export interface Sealer {
  seal(context: string, plaintext: string): Buffer;
  /** Throws secret_unreadable: an unknown key, another context, a changed byte. */
  open(context: string, sealed: Uint8Array): string;
}

const version = 1;
const nonceAt = 5;
const tagAt = 17;
const textAt = 33;

/** Seals with the first key (32 bytes each); opens what any of them sealed, so that keys can be changed one by one. */
export function createSealer(current: Uint8Array, ...older: Uint8Array[]): Sealer {
  const currentId = keyId(current);
  const keys = new Map([current, ...older].map((key) => [keyId(key), key]));
  return {
    seal(context, plaintext) {
      const head = Buffer.concat([Buffer.of(version), Buffer.from(currentId, 'hex')]);
      const nonce = randomBytes(tagAt - nonceAt);
      const cipher = createCipheriv('aes-256-gcm', current, nonce).setAAD(associated(head, context));
      const text = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return Buffer.concat([head, nonce, cipher.getAuthTag(), text]);
    },
    open(context, sealed) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
      if (bytes.length < textAt || bytes[0] !== version)
        throw unreadable(context, 'it is damaged, or of a newer version');
      const head = bytes.subarray(0, nonceAt);
      const id = head.toString('hex', 1);
      const key = keys.get(id);
      if (key === undefined)
        throw unreadable(context, `it was sealed with key ${id}, and this server has ${[...keys.keys()].join(', ')}`);
      const nonce = bytes.subarray(nonceAt, tagAt);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: textAt - tagAt })
        .setAAD(associated(head, context))
        .setAuthTag(bytes.subarray(tagAt, textAt));
      try {
        return decipher.update(bytes.subarray(textAt), undefined, 'utf8') + decipher.final('utf8');
      } catch (error) {
        throw unreadable(context, 'it was changed, or sealed for something else', error);
      }
    },
  };
}

const keyId = (key: Uint8Array): string => createHash('sha256').update(key).digest('hex').slice(0, 8);

const associated = (head: Buffer, context: string): Buffer => Buffer.concat([head, Buffer.from(context)]);

const unreadable = (context: string, why: string, cause?: unknown): TowpathError =>
  new TowpathError('secret_unreadable', `the secret of ${context} cannot be opened: ${why}`, { cause });

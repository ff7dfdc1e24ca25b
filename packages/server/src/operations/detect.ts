import { type DetectAnswer, TowpathError } from '@towpath/contract';
import { detectSent, type SentFiles } from '../domain/detect/sent.ts';
import { operation } from './operation.ts';

/** Bytes of all texts of one call together. */
const maxBytes = 1_048_576;
const maxTexts = 200;

/** What is found in files that were not pushed yet. Keeps nothing of them. */
export const detect = operation(
  'read',
  async (_house, _actor, input: SentFiles & { final: boolean }): Promise<DetectAnswer> => {
    const texts = Object.values(input.texts);
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
    if (texts.length > maxTexts || bytes > maxBytes) {
      throw new TowpathError(
        'too_large',
        `${texts.length} texts with ${bytes} bytes are too many; ${maxTexts} with ${maxBytes} are allowed`,
      );
    }
    const answer = detectSent(input, input.final || texts.length === maxTexts);
    if ('need' in answer) return { need: answer.need.slice(0, maxTexts - texts.length), found: null };
    const { kind, settings, notices, question, services } = answer;
    return {
      need: [],
      found: { kind, settings: [...settings], notices: [...notices], question, services: [...services] },
    };
  },
);

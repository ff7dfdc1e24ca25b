import { commandsPage } from './commands.ts';
import { apiPage, configurationPage, errorsPage, openApiPage } from './server.ts';
import { settingsPage, settingsSchema } from './settings.ts';

/** The pages of docs/reference by their file names; each is made from the code that it describes. */
export const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  'settings.md': settingsPage,
  'towpath.schema.json': settingsSchema,
  'commands.md': commandsPage,
  'api.md': apiPage,
  'errors.md': errorsPage,
  'openapi.json': openApiPage,
  'configuration.md': configurationPage,
};

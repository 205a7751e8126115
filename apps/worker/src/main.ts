import { ConfigError, surroundings } from '#settings';
import { type Settings, readSettings } from './config/read-settings.js';
import { jobHandlers } from './handlers.js';
import { serve } from './serve.js';

await serve(readSettingsOrExit(), jobHandlers);

function readSettingsOrExit(): Settings {
  try {
    return readSettings(surroundings());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

// npm start: sets up what is missing, builds what has changed, serves the site.

import { setUp } from './lib/setup.mjs';
import { buildSite, serveSite } from './lib/site.mjs';
import { Missing, main } from './lib/step.mjs';

const port = Number(process.env.PORT ?? 4173);

main(async () => {
  await setUp();
  await buildSite();
  try {
    const { url } = await serveSite({ port, host: process.env.HOST });
    console.log(url);
  } catch (error) {
    if (!/already in use/.test(error.message)) throw error;
    throw new Missing(
      `Port ${port} is in use: stop what listens there or choose another one, as in \`PORT=8080 npm start\`.`,
    );
  }
});

import { z } from 'zod';

// Its schemas would be compiled to functions out of text, which the page's policy forbids; asking whether it does is an error already.
z.config({ jitless: true });

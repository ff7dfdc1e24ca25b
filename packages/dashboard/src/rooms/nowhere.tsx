import { Link } from 'wouter';
import { Empty } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { paths } from '../words/path.ts';

export const Nowhere = () => (
  <Page title="There is nothing at this address">
    <Empty title="Perhaps it was removed, or the address was cut">
      The{' '}
      <Link className="link" href={paths.board()}>
        board
      </Link>{' '}
      shows everything that there is.
    </Empty>
  </Page>
);

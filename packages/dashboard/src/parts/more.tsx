import { Button } from '@mantine/core';

/** The next page of a list. */
export const More = ({ load, loading }: { readonly load: () => void; readonly loading: boolean }) => (
  <Button variant="default" mt={16} onClick={load} loading={loading}>
    Show more
  </Button>
);

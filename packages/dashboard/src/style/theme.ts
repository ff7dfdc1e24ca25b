import { createTheme, SegmentedControl, type VariantColorsResolver } from '@mantine/core';

type Colors = ReturnType<VariantColorsResolver>;

/** Colour is for states: buttons are ink, but for the one that takes something away. */
const variants: Readonly<Record<string, Colors>> = {
  filled: {
    background: 'var(--ink)',
    hover: 'var(--ink-hover)',
    color: 'var(--paper)',
    border: '1px solid transparent',
  },
  danger: {
    background: 'var(--bad)',
    hover: 'var(--bad-hover)',
    color: 'var(--paper)',
    border: '1px solid transparent',
  },
  default: {
    background: 'var(--raised)',
    hover: 'var(--hover)',
    color: 'var(--ink)',
    border: '1px solid var(--line-2)',
  },
  subtle: { background: 'transparent', hover: 'var(--hover)', color: 'var(--ink-2)', border: '1px solid transparent' },
};
const plain: Colors = {
  background: 'transparent',
  hover: 'var(--hover)',
  color: 'var(--ink)',
  border: '1px solid transparent',
};

export const theme = createTheme({
  variantColorResolver: ({ variant }) => variants[variant] ?? plain,
  components: {
    SegmentedControl: SegmentedControl.extend({ defaultProps: { withItemsBorders: false, transitionDuration: 120 } }),
  },
});

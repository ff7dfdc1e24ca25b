package quotes

import "testing"

func TestPrice(t *testing.T) {
	for _, test := range []struct{ grams, cents int }{
		{1, 495},
		{1_000, 495},
		{1_001, 795},
		{30_000, 1_595},
	} {
		cents, err := Price(test.grams)
		if err != nil || cents != test.cents {
			t.Errorf("Price(%d) = %d, %v; want %d", test.grams, cents, err, test.cents)
		}
	}
}

func TestPriceRefuses(t *testing.T) {
	for _, grams := range []int{-1, 0, 30_001} {
		if cents, err := Price(grams); err == nil {
			t.Errorf("Price(%d) = %d; want an error", grams, cents)
		}
	}
}

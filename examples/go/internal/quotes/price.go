// Package quotes knows what it costs to send a parcel.
package quotes

import "fmt"

const heaviest = 30_000

var bands = []struct{ upToGrams, cents int }{
	{1_000, 495},
	{5_000, 795},
	{heaviest, 1_595},
}

// Price is what a parcel costs, in cents.
func Price(grams int) (int, error) {
	if grams > 0 {
		for _, band := range bands {
			if grams <= band.upToGrams {
				return band.cents, nil
			}
		}
	}
	return 0, fmt.Errorf("a parcel weighs 1 to %d grams, not %d", heaviest, grams)
}

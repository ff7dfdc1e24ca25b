package quotes

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Handler serves quotes as JSON; release is told at its root.
func Handler(release string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"service": "quotes", "release": release})
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("ok"))
	})
	mux.HandleFunc("GET /quote", func(w http.ResponseWriter, r *http.Request) {
		grams, err := strconv.Atoi(r.FormValue("grams"))
		if err != nil {
			answer(w, http.StatusBadRequest, map[string]any{"error": "grams must be a whole number"})
			return
		}
		cents, err := Price(grams)
		if err != nil {
			answer(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
			return
		}
		answer(w, http.StatusOK, map[string]any{"cents": cents})
	})
	return mux
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

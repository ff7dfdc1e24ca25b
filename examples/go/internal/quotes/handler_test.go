package quotes

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHandler(t *testing.T) {
	handler := Handler("v7")
	for _, test := range []struct {
		path   string
		status int
		body   string
	}{
		{"/", http.StatusOK, `{"release":"v7","service":"quotes"}`},
		{"/healthz", http.StatusOK, "ok"},
		{"/quote?grams=900", http.StatusOK, `{"cents":495}`},
		{"/quote?grams=heavy", http.StatusBadRequest, `{"error":"grams must be a whole number"}`},
		{"/nowhere", http.StatusNotFound, "404 page not found"},
	} {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, test.path, nil))
		if body := strings.TrimSpace(recorder.Body.String()); recorder.Code != test.status || body != test.body {
			t.Errorf("GET %s = %d %s; want %d %s", test.path, recorder.Code, body, test.status, test.body)
		}
	}
}

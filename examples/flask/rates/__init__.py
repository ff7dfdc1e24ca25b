"""A service that converts amounts of money."""

import os

from flask import Flask, jsonify, request

from .convert import UnknownCurrency, convert


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def index():
        return jsonify(service="rates", release=os.environ.get("TOWPATH_RELEASE"))

    @app.get("/healthz")
    def healthz():
        return "ok"

    @app.get("/convert")
    def converted():
        cents = request.args.get("cents", type=int)
        if cents is None:
            return jsonify(error="cents must be a whole number"), 400
        source = request.args.get("from", "EUR")
        target = request.args.get("to", "EUR")
        try:
            return jsonify(cents=convert(cents, source, target), currency=target)
        except UnknownCurrency as error:
            return jsonify(error=str(error)), 400

    return app

"""The verifier's side of the VC API: any credential of the data model, whoever issued it. Never a desk's verdict."""

"""The exchange's double: the protocol, the REST interface and the market, simulated. Nothing else imports it."""

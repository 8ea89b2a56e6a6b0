"""What the probe, the command and the pytest plugin say alike about queries; needs neither Django nor a database."""

"""Web pages for people: operators, the signer of a letter, and others with a browser."""

"""Web pages for people: the signer of a letter, and others who look at Lineproof in a browser."""

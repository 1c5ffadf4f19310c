"""What tokens a person has, where they came from and what became of them."""

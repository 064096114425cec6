"""Small Django apps that know no shop word; apps declare, engines do."""

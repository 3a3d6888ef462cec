"""What is known without the transformer: parts that were fitted in closed form beforehand and are only applied here."""

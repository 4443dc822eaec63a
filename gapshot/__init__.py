"""gapshot reads why customers send things back and names the product picture that would have prevented it."""

"""What any detector can say about its scores."""

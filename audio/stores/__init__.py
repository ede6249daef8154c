"""What lasts: the database, session states, the files of blobs."""

"""What a learner is asked, and which answer is right: the engine says so, nobody wrote it down."""

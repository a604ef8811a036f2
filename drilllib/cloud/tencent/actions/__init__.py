"""What the cloud can do, a module for each subject. An action is a function of one call, under the vendor's name."""

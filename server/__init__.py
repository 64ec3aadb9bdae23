"""daigang: the backend for livestreamed job promotion (直播带岗)."""

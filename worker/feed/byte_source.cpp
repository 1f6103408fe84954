#include "worker/feed/feed.hpp"

#include "worker/feed/quality.hpp"

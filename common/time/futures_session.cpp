#include "common/time/futures_session.hpp"

#include "common/model/money.hpp"

#include "netlink/types.h"

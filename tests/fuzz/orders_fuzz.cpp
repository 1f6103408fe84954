// Orders files of a day, ours and those of older bots, on any bytes: an order that is taken has a
// symbol and a quantity that is none below zero.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "ipc/share_message.hpp"
#include "worker/jobs/orders_file.hpp"

namespace {

using namespace bullpen;

void require(bool condition, const char* sentence) {
    if (condition)
        return;
    std::fprintf(stderr, "%s\n", sentence);
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto orders = jobs::read_orders_file(text);
    if (!orders)
        return 0;
    for (const auto& order : *orders) {
        require(ipc::is_share_symbol(order.symbol), "a symbol is one");
        require(order.quantity >= 0, "a quantity is none below zero");
    }
    require(jobs::read_orders_file(text).value() == *orders, "it is read alike each time");
    return 0;
}

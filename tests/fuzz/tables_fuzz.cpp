// The data files of a home and the risk gate's saved state, on any bytes: what is taken is
// consistent, and what was refused changed nothing. The first byte chooses the reader.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "common/tables/holiday_file.hpp"
#include "common/tables/instrument_file.hpp"
#include "common/tables/rule_pack_file.hpp"
#include "common/time/market_calendar.hpp"
#include "worker/risk/risk_gate.hpp"

namespace {

using namespace bullpen;

void require(bool condition, const char* sentence) {
    if (condition)
        return;
    std::fprintf(stderr, "%s\n", sentence);
    std::abort();
}

void read_instruments(std::string_view text) {
    const auto parsed = tables::parse_instruments("i", text);
    if (!parsed)
        return;
    for (const model::Instrument& instrument : parsed->all())
        require(!model::fault_of(instrument), "an instrument that is taken has no fault");
}

void read_holidays(std::string_view text) {
    const auto parsed = tables::parse_holidays("h", text);
    if (!parsed)
        return;
    const time::MarketCalendar nse(time::Market::nse_cash, time::Zone::utc(),
                                   parsed->of(time::Market::nse_cash));
    const UtcTime at = utc_from_nanos(1'743'400'000'000'000'000);
    const auto span = nse.span(at);
    require(span.holds(at), "a span holds its instant");
}

void read_packs(std::string_view text) {
    const auto parsed = tables::parse_rule_packs("p", text);
    if (!parsed)
        return;
    for (const model::RulePack& pack : parsed->all()) {
        const risk::LossFloor floor(pack.floor);
        require(floor.plausible(pack.floor.start()), "a new account's balance is plausible");
    }
}

void restore_gate(std::string_view text) {
    const auto& mes = **model::find_instrument("MES");
    const auto& pack = **model::RulePacks::built_in().find("topstep_50k");
    risk::RiskGate gate(mes, config::RiskSettings{}, pack);
    const std::string before = gate.save();
    if (!gate.restore(text)) {
        require(gate.save() == before, "a refused state changes nothing");
        return;
    }
    const std::string saved = gate.save();
    risk::RiskGate other(mes, config::RiskSettings{}, pack);
    require(other.restore(saved).has_value(), "what is saved can be restored");
    require(other.save() == saved, "and says the same again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    switch (data[0] % 4) {
        case 0: read_instruments(text); break;
        case 1: read_holidays(text); break;
        case 2: read_packs(text); break;
        default: restore_gate(text); break;
    }
    return 0;
}

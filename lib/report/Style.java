package lib.report;

/** The one style sheet of a report. */
final class Style {
    private Style() {}

    /**
     * Contrast of text: 4.5 to 1 and better on both grounds. Green is hatched, so that it is not told by its
     * hue alone.
     */
    static final String SHEET = """

        :root{--bg:#fff;--ink:#15171c;--soft:#5a6170;--rule:#e6e8ec;--wash:#f6f7f9;--blue:#2458c9;--green:#0a7448;
          --bad:#bd2222;--warn:#8a5000}
        @media screen and (prefers-color-scheme:dark){:root{--bg:#0f1115;--ink:#eceef2;--soft:#9aa2b1;--rule:#262a32;
          --wash:#171a20;--blue:#86adff;--green:#4cc490;--bad:#ff8a86;--warn:#efb75f}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;print-color-adjust:exact;-webkit-print-color-adjust:exact}
        body{margin:0;background:var(--bg);color:var(--ink);
          font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
          font-variant-numeric:tabular-nums}
        main{max-width:888px;margin:0 auto;padding:56px 24px 40px}
        h1{font-size:34px;line-height:1.2;letter-spacing:-.022em;font-weight:650;margin:14px 0 8px;
          overflow-wrap:anywhere;text-wrap:balance}
        h2{font-size:15px;font-weight:600;letter-spacing:-.005em;margin:0}
        h3{font-size:13px;font-weight:600;margin:20px 0 6px}
        p{margin:0}
        section{border-top:1px solid var(--rule);margin-top:36px;padding-top:22px}
        section>header{display:flex;flex-wrap:wrap;gap:4px 16px;justify-content:space-between;align-items:baseline;
          margin-bottom:14px}
        .soft,figcaption,.key,time{color:var(--soft)}
        .small,.key{font-size:13px}
        .top{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center;font-size:13px;color:var(--soft)}
        .top b{color:var(--ink);font-weight:600}
        .lead{font-size:17px;color:var(--soft)}
        .station{white-space:nowrap}
        .to{color:var(--soft);font-weight:400;padding:0 .12em}
        .pill{border:1px solid currentColor;border-radius:99px;padding:1px 10px;font-size:12.5px;font-weight:600}
        .good{color:var(--green)}.bad{color:var(--bad)}.warn{color:var(--warn)}
        .blue{--c:var(--blue)}.green{--c:var(--green)}
        .name{color:var(--c)}
        .swatch{display:inline-block;width:11px;height:11px;border-radius:3px;border:1.5px solid var(--c);
          margin-right:6px;vertical-align:-1px;background:color-mix(in srgb,var(--c) 35%,transparent)}
        .swatch.green{background:repeating-linear-gradient(-45deg,var(--c) 0 1.5px,transparent 1.5px 4px)}
        .figures{display:grid;grid-template-columns:repeat(4,1fr);gap:20px;margin:32px 0 0}
        .figures dt{font-size:13px;color:var(--soft)}
        .figures dd{margin:2px 0 0;font-size:22px;font-weight:600;letter-spacing:-.015em;line-height:1.3}
        .figures dd small{display:block;font-size:13px;font-weight:400;letter-spacing:0;color:var(--soft)}
        .why{border-left:3px solid var(--bad);padding:2px 0 2px 16px;margin-top:28px}
        .why.warn{border-color:var(--warn);color:inherit}
        .why p{white-space:pre-wrap;overflow-wrap:anywhere}
        .steps{display:grid;grid-template-columns:max-content minmax(0,17em) minmax(120px,1fr) max-content;
          font-size:13px;line-height:1.35}
        .steps>div{display:contents}
        .steps>div>*{padding:6px 14px 6px 0}
        .steps .note{color:var(--soft);overflow-wrap:anywhere}
        .steps .track{position:relative;padding:0;min-height:30px}
        .steps .track i{position:absolute;top:0;bottom:0;border-left:1px solid var(--rule)}
        .steps .track i.mark{border-left:1.5px solid var(--ink)}
        .steps .track b{position:absolute;top:9px;height:12px;min-width:3px;border-radius:2.5px;background:var(--soft)}
        .steps .failed b{background:var(--bad)}
        .steps .open b{background:repeating-linear-gradient(-45deg,var(--warn) 0 3px,transparent 3px 6px);
          border:1px solid var(--warn)}
        .steps .took{text-align:right;padding-right:0;padding-left:14px}
        .steps .scale .track{min-height:20px}
        .steps .scale .track span.mark{color:var(--ink);font-weight:600;transform:none;padding-left:4px;top:0}
        .steps .scale .track span.mark.flip{transform:translateX(-100%);padding:0 4px 0 0}
        .steps .scale .track span{position:absolute;top:3px;transform:translateX(-50%);color:var(--soft);font-size:12px;
          white-space:nowrap}
        .steps .scale .track span.first{transform:none}
        .steps .scale .track span.last{transform:translateX(-100%)}
        figure{margin:0}
        .key{display:flex;flex-wrap:wrap;gap:2px 16px}
        svg.wide,svg.narrow{display:block;width:100%;height:auto;overflow:visible}
        svg.narrow{display:none}
        svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
          font-variant-numeric:tabular-nums;fill:var(--soft)}
        svg .grid{stroke:var(--rule)}
        svg .axis{stroke:var(--soft);stroke-opacity:.55}
        svg .mark{stroke:var(--ink);stroke-width:1.5}
        svg text.switch{fill:var(--ink);font-weight:600}
        svg .limit{stroke:var(--warn);stroke-dasharray:2 4;fill:none}
        svg text.limit{fill:var(--warn);stroke:none}
        svg text.blue,svg text.green{fill:var(--c);font-weight:600}
        svg text.inside{paint-order:stroke;stroke:var(--bg);stroke-width:6px;stroke-linejoin:round}
        svg .area.blue{fill:var(--c);fill-opacity:.2}
        svg .area.green{fill:url(#hatch)}
        svg .edge{fill:none;stroke:var(--c);stroke-width:1.5}
        svg .hatch{stroke:var(--c,var(--warn));fill:none;stroke-width:1.6;stroke-opacity:.6}
        svg .line{fill:none;stroke:var(--c);stroke-width:1.75;stroke-linejoin:round}
        svg .line.p95{stroke-dasharray:6 3;stroke-width:1.5}
        svg .line.p50{stroke-dasharray:1.5 3;stroke-width:1.5}
        svg .dot{fill:var(--c)}
        svg .bar.e5{fill:var(--bad)}
        svg .bar.e4{fill:url(#dots);stroke:var(--warn);stroke-width:.75}
        svg .bar.probe{fill:var(--bg);stroke:var(--bad);stroke-width:1.25}
        svg .hit{fill:var(--ink);fill-opacity:0}
        svg .hit:hover{fill-opacity:.07}
        svg.sample{width:26px;height:8px;vertical-align:2px;margin-right:6px;overflow:visible}
        svg.sample path{stroke:var(--ink)!important}
        .chip{display:inline-block;width:11px;height:11px;vertical-align:-1px;margin-right:6px}
        .chip svg{width:11px;height:11px;display:block;overflow:visible}
        table{border-collapse:collapse;width:100%;font-size:13px}
        th{font-weight:500;color:var(--soft);text-align:left;white-space:nowrap}
        th,td{padding:6px 16px 6px 0;border-bottom:1px solid var(--rule);vertical-align:top;overflow-wrap:anywhere}
        tr:last-child td{border-bottom:0}
        td:has(.swatch){white-space:nowrap}
        .n th,.n td{text-align:right;padding:3px 0 3px 12px;white-space:nowrap}
        code,pre{font:12.5px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        code{overflow-wrap:anywhere}
        pre{margin:0;padding:12px 14px;background:var(--wash);border-radius:6px;white-space:pre-wrap;
          overflow-wrap:anywhere}
        pre .add{color:var(--green)}pre .del{color:var(--bad)}pre .at{color:var(--soft)}
        ul{margin:8px 0 0;padding-left:18px}
        summary{cursor:pointer;font-size:13px;color:var(--soft)}
        summary:focus-visible{outline:2px solid var(--blue);outline-offset:3px;border-radius:2px}
        .scroll{overflow-x:auto;margin-top:12px}
        footer{border-top:1px solid var(--rule);margin-top:40px;padding-top:16px;font-size:12.5px;color:var(--soft);
          overflow-wrap:anywhere}
        @media (max-width:640px){
        main{padding:28px 16px 32px}
        h1{font-size:26px}
        .lead{font-size:16px}
        .figures{grid-template-columns:1fr 1fr;margin-top:24px}
        .figures dd{font-size:20px}
        .steps{display:block}
        .steps>div{display:grid;grid-template-columns:max-content minmax(0,1fr) max-content;column-gap:10px;
          margin-bottom:9px}
        .steps>div>*{padding:0 0 3px}
        .steps .track{grid-column:1/-1;grid-row:2;min-height:12px}
        .steps .track b{top:0}
        .steps .scale{display:block}
        .steps .scale .track{display:block}
        .steps .scale>:not(.track){display:none}
        svg.wide{display:none}
        svg.narrow{display:block}
        }
        @media print{main{max-width:none;padding:0}section{break-inside:avoid;margin-top:24px;padding-top:16px}.figures{
          margin-top:20px}details{display:none}@page{margin:16mm}}
        """;
}

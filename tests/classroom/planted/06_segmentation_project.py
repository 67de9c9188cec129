# Planted answers to assignment 6: `# %% <test cell> <points> · <what is right or wrong>`, then the code.
# The k-th answers to all tasks are the work of one student, so each must stand alone (but for what `all` defines).
# BIG and THIN are trained networks, by 06_segmentation_project_weights.py; they stand at the end of `all`;
# the test puts BIG's, which are those of the model answer, in from sources/assignments/06_segmentation_project.py.

# %% all
import base64
import io

import numpy as np


def _weights(text):
    arrays = np.load(io.BytesIO(base64.b64decode(text)))
    several = range(len(arrays.files) // 3)
    return [(arrays[f"kernel{i}"] * arrays[f"step{i}"], arrays[f"bias{i}"]) for i in several]


def _conv(weights):
    left = iter(weights)

    def conv(x, filters, size=3, stride=1, last=False):
        kernel, bias = next(left)
        rows, columns = (-(-side // stride) for side in x.shape[1:3])
        border = max((rows - 1) * stride + size - x.shape[1], 0)
        x = np.pad(x, [(0, 0), *2 * [(border // 2, border - border // 2)], (0, 0)])
        y = bias
        for m, n in np.ndindex(size, size):
            shifted = x[:, m : m + stride * rows : stride, n : n + stride * columns : stride]
            y = y + shifted[:, :rows, :columns] @ kernel[m, n]
        return y if last else np.maximum(y, 0)

    return conv


def _up(x):
    return x.repeat(2, axis=1).repeat(2, axis=2)


def _network(x, conv, up):
    """The model answer's network; the thin one's filters are fewer, which its weights know."""
    fine = conv(x, 8)
    a = conv(conv(x, 8, size=5, stride=2), 16)
    b = conv(conv(a, 20, stride=2), 20)
    c = conv(conv(b, 20, stride=2), 20)
    d = conv(c, 20, stride=2)
    c = conv(c + up(d), 20)
    b = conv(b + up(c), 20)
    a = conv(a + up(conv(b, 16, size=1)), 16)
    return conv(fine + up(conv(a, 8, size=1)), 11, size=1, last=True)


def _logits(images, text):
    return _network(images.astype(np.float32) / 127.5 - 1, _conv(_weights(text)), _up)


def _cut(array, top, left, height, width, value):
    pad = [(50, 50), (50, 50)] + [(0, 0)] * (array.ndim - 2)
    return np.pad(array, pad, constant_values=value)[50 + top : 50 + top + height, 50 + left : 50 + left + width]


def _loss(y_true, logits, *, seen=None, ce=0.5, dice=0.5, smooth=2, axes=(0, 1, 2), log=np.log, shift=True):
    """The right loss, but for what its options spoil."""
    seen = (y_true != 255) if seen is None else seen
    truth = np.eye(logits.shape[-1])[np.where(seen, y_true, 0) % logits.shape[-1]] * seen[..., None]
    z = logits - logits.max(-1, keepdims=True) if shift else logits
    log_p = z - log(np.exp(z).sum(-1, keepdims=True))
    p = np.exp(log_p) * seen[..., None]
    ratio = (2 * (p * truth).sum(axes) + smooth) / ((p + truth).sum(axes) + smooth)
    return -ce * (truth * log_p).sum() / seen.sum() + dice * (1 - ratio.mean())


BIG = """
{WEIGHTS}
"""
THIN = """
UEsDBC0AAAAIAAAAIQCes26o//////////8LABQAa2VybmVsMC5ucHkBABAApAAAAAAAAABwAAAAAAAAAJvsF+obEMnIUMZQrZ6S
WpxcpG6loF6Taaiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CkBkqKNgoqmjUKtABuCSEDcSZTxz8i+/FKvQD8Yl
nI2Nkxr/P2HlF/Tcxsv21PiHEH+jMABQSwMELQAAAAgAAAAhAFzSFR///////////wkAFABzdGVwMC5ucHkBABAAkAAAAAAAAABV
AAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6mjoKtQoUAC4V
H3nbvqidNhta+q11JGbZAgBQSwMELQAAAAgAAAAhAAEHKv///////////wkAFABiaWFzMC5ucHkBABAAkAAAAAAAAABVAAAAAAAA
AJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6mjoKtQoUAK41YW12f7ye
7uXkd9p/rMPKHgBQSwMELQAAAAgAAAAhAPlpJGf//////////wsAFABrZXJuZWwxLm5weQEAEADkAAAAAAAAALUAAAAAAAAAm+wX
6hsQychQxlCtnpJanFykbqWgXpNpqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkapjoKQGSoo2CiqaNQq0AG4PrJe8NJ
8PNHLt7ZzwUYlu7l4H6zgl/ks/abnet//Wpc/1BW8ML3l3LnD783/1/f+OZI8fJdcha/ZOotzwiIff0k+cPoOuePLAmmWF+uH7la
byXEL3/7LP3pOYsyq/Q/cx6e9xaff0t9XyoEAFBLAwQtAAAACAAAACEAP8q0Sv//////////CQAUAHN0ZXAxLm5weQEAEACQAAAA
AAAAAFUAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaJjqaOgq1
ChQArq/CZTaJMYI2v60fWjM1y9oAAFBLAwQtAAAACAAAACEApn0W4f//////////CQAUAGJpYXMxLm5weQEAEACQAAAAAAAAAFUA
AAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaJjqaOgq1ChQArn6l
djtlr4t7uqxU7NecmrEPAFBLAwQtAAAACAAAACEA9Eiu1P//////////CwAUAGtlcm5lbDIubnB5AQAQAKABAAAAAAAAfgEAAAAA
AACb7BfqGxDJyFDGUK2eklqcXKRupaBek2morqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOgpAZKKjYKGpo1CrQAbg
Et3JzKbJw3DlVKPaAeU7v857W7/Rm33iruPtv0Yf3djlHzAfeqTKxvLWumWJ1BObS9+faWwV/LPlE+u52+/Fla4+/2z9kOFt4PW/
6vHtN0T3sLw8vVtwPw/7/fdv9l6S4tR6++4C888bHy/ISSkqOq1/MusVx1PxHdZXrJY8Ovnz8WuZTb8/q329cH0BBx/7ZcYg2Qcn
fU70nLzySYP3/SX2S2wCB/g5FD/psd1vVG38d01VlU+M5/gW1m+NL6VOsTRqXvirOEX+2tt71/9v/fBYh0tHVWL/x6sCSg+5Pol8
kz1o9d2A9arj4h/fQrb+v9H6UOjP81tP3E5oPONs7Lvg+vWqparovs/HuRme81748P/7CYHbRgu/iGmrmU74dMphf8rz86rfjBu/
rFSr3yK24gsAUEsDBC0AAAAIAAAAIQDmSxwo//////////8JABQAc3RlcDIubnB5AQAQAKAAAAAAAAAAZQAAAAAAAACb7BfqGxDJ
yFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RoWOpo6CrUKFAAuSaES65uxhtbPX6229hMJ
tWbVMre+YJ1trVi/1lrokY81AFBLAwQtAAAACAAAACEAi+UO7f//////////CQAUAGJpYXMyLm5weQEAEACgAAAAAAAAAGYAAAAA
AAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaFjqaOgq1ChQArmtHM+0D
9grb56i22Ou83r730P9Ldg5zt9n1ySfZN/1TtgcAUEsDBC0AAAAIAAAAIQAY8nIO//////////8LABQAa2VybmVsMy5ucHkBABAA
wAIAAAAAAACuAgAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF6Taaiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6
CkBkAUSaOgq1CmQArjVBEV5fGezfq51dyHj1mpX1R9EH78SuGOy7q/1O7OWZA0qN5iyqbPcPvbqg8+/z7wNCL0UslFb+1lol9/Cj
F8NRvS7HeXbXeZ7xOBzivsX79uKKux/fKfy5wnflS+ON80o6bNNOCyy5pp74z2498w3t1mNXjvCfZ4mzeBRvsFbJbOd3s9sCO2zm
KHz7cOrq+z/3jXiUBN88uXr/txy7CrvcFaaLslKqbBf/s7A61msm/uA6J3+j7/Q89fdffUVeG+mx22q9erfn2507mgfl71y59sr+
re/fZinR3RYG7Lcf8/3ar3D0yV0WTRGWEzKT2TTFf//fy86gsvOH4BWrjVqveJkCPLe7b3zF9/KGd6P6dN5Huxfe+H2c80Xv3Q+7
P35m/PpJVOC31JOHtw1+CnJfc5v/N8SJM/b7/1OFXSdeH5XvNPrA/CHf+oPmR/Z7vy5I7nRYoReyt23ND77TjQr6DI+W8T1yeO0r
+NPwoNJybwlV0Q8mbBJX7cQ8mTnPxu1Zt3yB2gZBtRefDG00ORXf/jhyadd/EyGd9Q9v/dFdIiM19eWry5JJAg/VHL6cYxU59lvx
9lmFw38P3MvWUvn6cYsg/9Kbdk/MH/J+e6lez8NnsYDp0OPz3jd/HpLk+LyO+8y17w7veB+8eewpdfy7EssX3bsMn+u5LVlPmJ3a
7sf/04Rj732t3lu8bEK7OU/e+q7hrHn7nOJf/i38V3Re/TJWeDD37f0T/4y8nn949PL9q5kG0t94z3O+VWUwkQl6wsp/y5Cp/oPl
U7EfT+5e+/z0746/ij8kvrJ9+G067+Wtdx8AUEsDBC0AAAAIAAAAIQCL6oNJ//////////8JABQAc3RlcDMubnB5AQAQAKAAAAAA
AAAAZQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RoWOpo6CrUK
FACuzryF1p09btYvfrRaG/yIsd69pMH6xBsPa5msNuu3H+qtAVBLAwQtAAAACAAAACEAxFvCXv//////////CQAUAGJpYXMzLm5w
eQEAEACgAAAAAAAAAGYAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBak
AvkaFjqaOgq1ChQArlfMjA7/e6ftm2I0b2+ALNeeS6Yq9hXGbXbWe4vsU05dsgMAUEsDBC0AAAAIAAAAIQBlhtqB//////////8L
ABQAa2VybmVsNC5ucHkBABAAwAIAAAAAAACqAgAAAAAAAJ2IW09SAQCAuYjAAVEEERAPl4SDiYogynBaDnGzpdWytdaDs6T7smHr
pXqgTVfPPaS1ttZ60F5KZm0ulUwtRM2hoclVUeoYHEEk5Mil6C/07Xv5vsdtZ1pPnsNi7mDuQl36nosGSCOA7l2tgmQC6FK34bah
82ZHt6FL/+83d97o0Wd+z5XOW/pMS5UyQUZ1xlKZ4L7gPwDYeX2FjuE2Eql0jzM8sIyn+6+N6VReM9nJW26UiNbkUJgAMhuMrW54
jVPAlTxA+cBmOpZsn3wC4qOtpzExVGcNgFg/zZ5rOQCOAqNJDt+cmk2Hzalyz7ajwM2vg9Eqos42Kq5B3cIVuwjcShljJWRriSVY
jgZWFLgVcWT9GG4Yjgg35LZ3ENvF8C5+LQwC7Ed0fCDGjT6LvgjjgkGSUZqcd+3n2hjxIhm42iGxspfMx5MzEoZfqw4Qtuz5hDIH
JuJjvI30l56wSECWK4BWGGfVLar6PJlpgiGv36vm/W4vHFj8NtNMe+Vj8rMk12Ers1zantiZT0TF+BqkNpUEJmzu+GL1ZfgHjOCo
S2e1JPlYn4K4U3yYqtqVEVqMxP2fCggd1LhS2QEEhRy1YsKItMiLqRzXaohEJLVdu/3HzgOdy+SNSiO2+A1f/jJHd9CU9DVFYQ/r
M9IcVXLL/EnBlMa9YHUaNyvYWLDBkZA0sZTRD7mRRH9qOhYS2uzrQ2xL6GNZFkc650vlK7/MCYco9DTX4/pUb3ahva5sMjObgkyT
6hqzva8TmxymwmmTHSRW5UaAPitKcydDKjWdcWoKYCLwBSHPFHnK1BaZaaG8EOvI+43n+SbRCP68PEij7FJMxGKaMCdyCAmmJ1ka
DPU7ReZcXRPGNfMRd/yXp7dmMGuPyh+3iiSUh4BGgJkBkQXaTjSM+wtQSwMELQAAAAgAAAAhADYbalv//////////wkAFABzdGVw
NC5ucHkBABAAoAAAAAAAAABmAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoX
ZyQWpAL5GhY6mjoKtQoUAK7H675Znfkraa2Xr219eHem9eHv063XW/ZaVy6UtG679NUKAFBLAwQtAAAACAAAACEAuT4TdP//////
////CQAUAGJpYXM0Lm5weQEAEACgAAAAAAAAAGcAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+U
kgoSd0vMKU4FihdnJBakAvkaFjqaOgq1ChQArhXnRfZv+d1uL9EzyfbOn0X7drQl7f+uW7Hf6dvPfZPeeNoDAFBLAwQtAAAACAAA
ACEAzi5lTv//////////CwAUAGtlcm5lbDUubnB5AQAQAMACAAAAAAAArgIAAAAAAACdiFtPUgEAgKEjFzmAXIIUAY+RHUHCVCh1
VPqgD6ZZa2710MolWlvLpq6Xasyt29ZjbbW1NpdZc06rdTEjM6MwYQLGRVACDS+ECIJyuB0g+gt9+16+7/6xlqbjp7GYq5hrcJui
+3wXXA3B1y+WwWIIbu/s6ulqvXy2s6tN8e/Xt17qVmR+94XWK4pMF1eIoYyVGYVi6Ab0H5D4DCcfAXkOHhxMCH52C2k5Dfggh8mK
a4rw3kJ+iVbI9nipLxkAJZV8TUNIw2kUZxIhnB0xNr8ce5Bl3mlvy1vpBztqp2MhRzuvAFCuCXf7KeY7JQPaUp8431rGce3HGPsr
nc29MgC/bpQgKigrRqaWPq98Sw1J4/mwxzZMtGN/HNpe43JW1E3j+9LhjakR6U0dn7iecFvQafmk9yEpLJ9m5fiKQtCHmcja9nyK
S5KbEICVWOQD6jGc0cCYj3CaOHmWRrfMjDuVVrusodg3vrA0mgrqc2tnle+rBumCYjo1VbAaWOAFVElD5WxdXAI8YhN6v6Ozo9Rb
KlLHJG6q+bFYq1Xm3nP0ZoWjMkj4Kv8rUtUwdRJoHiuXCIhjmE9Wuq1EOkocaNEJUALvi9P/FAP2Gf0aHLMWz4jSbBWRwupkPPYA
QZ0ptWx8awhOQnp0b42bkqbQssBhqe2XqHEimAjZhWAye5yBNSArH63keCoYYa46lqelOpBlf8JUUWeiebyj41tWzGHiO9hXl/DU
/F7FmuYWA9tkkS7qTs8gjI09L32uhWjEM+j/rN8keWrMWrtYDx5BNrh3saPcE5uiIeEzS08okE0GCWyln9JfO1rkAs6c88YcyxNk
z4tVc2TTTcrKdws0G7uW2Mp1JGxZ+YNHATJKcJIlsVCf+ra5XoMG6G+oFLlBYkmMHHBxYMaSyWOYizv/AlBLAwQtAAAACAAAACEA
hXeFKP//////////CQAUAHN0ZXA1Lm5weQEAEACgAAAAAAAAAGUAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6W
X1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaFjqaOgq1ChQALp6/TdaTpVutGxQWWNtndVizr5trrTZ7k7XHM0Vr7zm91gBQSwME
LQAAAAgAAAAhABzTnk3//////////wkAFABiaWFzNS5ucHkBABAAoAAAAAAAAABlAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6l
oG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GhY6mjoKtQoUAK7Wu6b7hS7vshexVbU7WfLdXiGkwvZvp7TDLDOu
/aztDfsBUEsDBC0AAAAIAAAAIQASAibQ//////////8LABQAa2VybmVsNi5ucHkBABAAwAIAAAAAAACqAgAAAAAAAJ2IW09SAQCA
uSn32wFBQPBIyZFpzZASrVltlm1qa26uXDXHQletpcPWizXmW2+ttbZe2mrltLLL2jK76MSpeBkX84KCAoIHPHKVmxwgyf5C376X
73t6sbX5UhsWcx/TC2k6em5ooVoQenDrGFQBQp1d2nta9d32Lq2m498/r77T03Hwe26quzsOuqyqAjxQdaC8AnwI/gcUb13ZXuUK
v00+bmVqVgfCyoQoMEo96TcbgLEm/G+4ts5BSAH1a3a9D7EwswuFyNKZ8hUa6ZM3HAm99QV5hdddZDRxmjMyyC4a/jhBCpnXPiSu
Hb26gN+l0t/tyHROb5h+WRf6zPJPDpFi7I2fVxiDpq2BqPEj8rwJ46cEAA6Pw8MhDu6my/g+RjR9XU+lxOmoU1BCWo0LUI8vP+MT
rm+ntgrjTTgQ9+xCOuebmGGOWOOwVdxObsnbEef0mE2MJXBbEe3nEyOq/phUvTBPE+oI8WpJfRm2JMNBPY5Mo0Thf0WEFydpTpPX
lwhwh91Y1eET5k0UK+02Uzqne0WucKYBdr1YLm1ZK1K5y2XRVrlu6LvyV2bX4z9UBIPN+kcwwPJ5Z5PEWU/khzMIABKEhQRTo3/I
lAKUsbMLn7WjtWPfDHj2GsDAUOlR8gpLJg/RYjgTT1xwaiNiTh1BRdm+aUspFtWnxRyuks4t5BtjAYTptkfOBXNli+Mii9RXXBmo
wrpkafKs0DY/F4YIjX2EZeQ4ZJoS7mXy+KGXROnUgi0fqBFDDgMZBwtoQnZxGC+KN+TjRE9cuxpbJg6wtvLo4XKezVDMUupei/qI
MpzRy7cnxrdXv4TAZDVlP5kl4ZTWGSqJMuma20GdND0/xy0NkBn+fQ8tKZesEv1wQTBbk1O2zQge2xQAhOzL3WQD4U1IsZQF/wJQ
SwMELQAAAAgAAAAhACZLCuP//////////wkAFABzdGVwNi5ucHkBABAAoAAAAAAAAABlAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxc
pG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GhY6mjoKtQoUAK5nzmutX1aes+aLP2V9SL7a+nFNrbXdj0nW
+tmd1pG8m6wBUEsDBC0AAAAIAAAAIQALq4oG//////////8JABQAYmlhczYubnB5AQAQAKAAAAAAAAAAZgAAAAAAAACb7BfqGxDJ
yFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RoWOpo6CrUKFACugjX++5c93W9vmbvK/kO+
9z6fXdn2Z9gF7T9nFtov4U+3BwBQSwMELQAAAAgAAAAhAEihGF7//////////wsAFABrZXJuZWw3Lm5weQEAEADAAgAAAAAAAK8C
AAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgXpNpqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaxjoKQGQBRJo6CrUK
ZAAuvb9Zj81F/urJ66yR2qpv909W74nOz38Hvfy/i7x5+uWN8kUpw7UnGKd9MP2/47TKNebcw3rPGFa/5Dssr/7r+ykpre82SumP
tn7ayX9NZ/oD5Y86spo6Z3WDeY+qWL7Z9v9I467j7x8UL+XjPf/DSfDreeH7epJb1NXXXjpac5nX87OEI+MPOaY7pquf7vvyZI/K
ThGl16LnnikKWqrcvm9iwrb9KdfKUyxftuu+7mPfvT/m5/pLrOdln89RzDzCL6e78a38SV6hK+8+/+W58faWVoCa8hdhhWsKB3Rv
8kVbnft1fc8LnoeNvwVMv6so/v97ol3U8ozA9xf/TIXFn+ifcz4VsEnrKc+dZDXG99paOkwPXzAp2/zhkTRY/ebBGcafOe/Vn3Ku
11P8ffibov5HaY1Xq16vMn0XxCy+X0xY/sdtocYwofLFsrvNXks9uN7Foip89vPD6zx7HjGw6T99+m7Jl9cSovbPr7/W+6F18Rmj
TONz4ReXTU4YvvAX5Jl2UvbTzdtsiwUf8TRafLoYxyP17ciWg+dFeTxkHb9+5ZFnvXTyGtMqVhUhIROOl8zip2/+e6N28PXZ7w5T
6lyuX92l84NNyOrGZQ22e4t3fPrLw+TA9PHUj2Xnzgm/P6qub3blhPzvEz/Ebq8Xfs9jFMR4VZab6cqlX+wXvjU+dWir0N/J8Yjj
/dNPH541mhg9tb0jf/faf6vzDG+/3//4/uMK+b9ac07dlLx1h5HrwxFB4VdiO9mus/48eI/j6vcdzpPvuDXq/T5i+EvvLt/7N2/W
ffT+y6Zvx7Sei+f11XevlwIAUEsDBC0AAAAIAAAAIQBxObuy//////////8JABQAc3RlcDcubnB5AQAQAKAAAAAAAAAAZQAAAAAA
AACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RoWOpo6CrUKFACurS1KVpdb
GKw7Xthbcd1XtSqJOGF1r6XQKvn2Dqu+5TFWAFBLAwQtAAAACAAAACEAZW+gUv//////////CQAUAGJpYXM3Lm5weQEAEACgAAAA
AAAAAGYAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaFjqaOgq1
ChQAroiDV/dlHc/c/21F/b45P23sLUIt7E/Xmux7N32ZnR6L5D4AUEsDBC0AAAAIAAAAIQBebT4x//////////8LABQAa2VybmVs
OC5ucHkBABAAwAIAAAAAAACsAgAAAAAAAJ2IXU9SAQBAL3qxJBAURUQQUOMiXhSmaNassLSHZrVh+bFmY0mrrWXDVg99ONbqB+TW
1lr20ItZaaUOLTFtiVNJZhmiKCoYXECvogg3Pu6N/kJn5+WcjjPna881koDbwF2oRdN2WQsdFkD3rskhWABdadXe0qpvXGrVtmj+
/Rr19TZN/LddVd/UxFtcAgviHopbAAvuC/4Dip/hGl+amxEeBXeZRxbK8eI6mCnB+cpBZ+dX1gvj6w2zcLhAkRaiRSUYa9DN20gJ
Znws3BGKKTia9Yqc5igvsvNG30orHjY9i728g6gqW5Lk+ZCayJ/VZSc6uklLa9NzU+spNhVrkW7R8XlS8w8f/t3XGJU/Neo22W5j
kWwOC8MUU/R555DiT4DIiFJn2ZEKInmM4RAzA2A2MoluI/xgkOynfGOnU0iMd6R5Z2G6wdqr3yPLlOwvKx8MYQlDFiig8tkuVYO8
cSty0elASBcA5wiEweBALk3j2ZLZ5kGQYet1kD+jRBW8cBy1hHx57e00E1O/SE+knm6uqqpMs5bmPIDfpzRxS0mborOmPrdiMxOY
p+9ImzcGpI/JqN0sGzH1JDZIMtvpSH+wvQAHQJwiEBI8LvUTSqbwaGH2SS/LETWAtRwomZPHzEJ++0GiTEQEURcWsQYC272RBEzJ
G7WsPgq4copJM/v1q+wDwEGh+JS42ot4o9V9+YIOx4QVHbN5QwuxEhuaus+zZxrHfawl0VoZCEYT6+wGyfFUaJnjqaf8sozrg0Au
oWSIJcWr+DrM6ScsK1O2ofCbybnM7OHYtDUp5Bctd/mecBNY3apjAxK0vtcYrplMXajEnEzyRCzId3Njihy6PN1F94RO5O76rT1Z
dhuK0WXUMbyHg3FhkhMxd9FWGesBVLfuZ2ORnwqXCBj8C1BLAwQtAAAACAAAACEAT13IbP//////////CQAUAHN0ZXA4Lm5weQEA
EACgAAAAAAAAAGYAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvka
FjqaOgq1ChQArrCyvVbzXZmsZ9fdt/qiusFK+5iglddBIyvmpnlWi57eswIAUEsDBC0AAAAIAAAAIQChP2h0//////////8JABQA
YmlhczgubnB5AQAQAKAAAAAAAAAAZgAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wp
TgWKF2ckFqQC+RoWOpo6CrUKFACuFHWp/W9/qO2709K132SLq51PqtT+Q0Lmdjt4reznrV+3HwBQSwMELQAAAAgAAAAhAOGDMDP/
/////////wsAFABrZXJuZWw5Lm5weQEAEADAAgAAAAAAAK4CAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgXpNpqK6joJ6WX1RS
lJgXn1+UkgoSd0vMKU4FihdnJBakAvkaxjoKQGQBRJo6CrUKZACuxv8injdeff6pYPk3m+m25G9bll/3GBl2maxbb3HtBffjBxaB
jeyWe/bMOqWlInXzbf1Fhrcffl16dF5Rweah7CPLzzpP5fgc7/N9D9muwi3xROTa20y1J5r8317m/b70ld/u5tef/I6dO3ZpH5u0
kZeH48CfTG2OdpYZr9aES71ufPjp94+nYn8eMjEwMiqf3OTI/4vH9oImv8FtsTvP7gWo2zLKqbP8fHOXZ2Hja5Vd51a+U/517ImC
/L9bqpfeTBBZcnvz0yRJzj9i96+wfb/9Yc/8zcL/bS6zsxyTF79pLLKex+jPN55nDx6f5ovVPCVq0Sjyjl2U55rITut7TjufHj74
+3v9sxvsz7ex3La6/Jrr7WXT2SFHeTQk3grv3/JdhE1Phpnjuczv86GuX3Vj412fvt/96t19Cau3O/juGejyTv7IpHJMLfNj6+Or
Cr961Bju/TaR+3Pv3RU3Fj6eoE9KN/VZb7+aYPbeRH+3FttXecGP307uPat3TfoutxjzjTeqbziePrcQf6bndWbh09/C7I88p3qY
h+8RPT/9Dx/vl523vrQ/l35+7O2qqz7/rorcufjntpaq5/LXGn3bZ52QdpDnn1oSxnD2MeMV7p8iVkISijsduKMe2nBYflS99/ep
6R+1p4dYnmjJnzvLxyxS9+Uay3ODt4+Cf6bM/Nj4Ye6ja1bKyveOlKc/OPOIh+cP05/XB769fix78LTyt/c/BV4/1/5qx2v2S/f7
f3O5b7/vP2HzZ9X/sFn+0F3WC3wdDz+a7VPde0v76tsH3rrXPn7jlL4mZXFg/t9TMuL7pAFQSwMELQAAAAgAAAAhAKhN+Aj/////
/////wkAFABzdGVwOS5ucHkBABAAoAAAAAAAAABlAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59f
lJIKEndLzClOBYoXZyQWpAL5GhY6mjoKtQoUAC5DF3/rhFRW69Uf91rvtYqzdlMrtnZZI2K94VaLdTw3rzUAUEsDBC0AAAAIAAAA
IQCpq0lB//////////8JABQAYmlhczkubnB5AQAQAKAAAAAAAAAAZgAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOg
npZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RoWOpo6CrUKFACuQ7tP2xsccbJ3/HfUfuGcxP27HCzsc+532PuwT7MvrmzbDwBQ
SwMELQAAAAgAAAAhANBpksT//////////wwAFABrZXJuZWwxMC5ucHkBABAAwAAAAAAAAACNAAAAAAAAAJvsF+obEMnIUMZQrZ6S
WpxcpG6loF6Taaiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CkBkAUSaOgq1CmQALpuz9bY8WhwLlhyS5v0SLRO1
++umJ58a6+WkTI0bt0nJxi99yqYo67Pn5uL6hXd3CfLrPn7+ga3+AUN9feOXH2rP35sDAFBLAwQtAAAACAAAACEArDm93///////
////CgAUAHN0ZXAxMC5ucHkBABAAoAAAAAAAAABmAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59f
lJIKEndLzClOBYoXZyQWpAL5GhY6mjoKtQoUAC6nOyw2N2ZUWi/3k7Z681vf2lzZ1kZkpqTN26XnrXfO4rcBAFBLAwQtAAAACAAA
ACEAIMFU5P//////////CgAUAGJpYXMxMC5ucHkBABAAoAAAAAAAAABmAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKu
o6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GhY6mjoKtQoUAK6fb/PsF1/ca8sbLWZ3cj7Tfq9rS+xCrj22dX9XuP/2xLT9
AFBLAwQtAAAACAAAACEAUHfSjP//////////DAAUAGtlcm5lbDExLm5weQEAEADAAgAAAAAAAK0CAAAAAAAAm+wX6hsQychQxlCt
npJanFykbqWgXpNpqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaxjoKQGQBRJo6CrUKZACuzWd8OQzidjl8t/jwYoW6
Mp89X88SdeZ/4dwLo85zHH05Q9P08rcvvBkR4o2/mD9d+Njk6Mn3+9Ytu28PpYT+Xn6xjfXydSVbycDTeqxSStIX9D6rWMo2zlVl
eyPFdvvbDuuD+vISgq++P3kflf5n869/P/6y3ZPXuHvvKxOr7m0x/f9zzhxgO3JGh0ey/p7oY2EjmaNKf1eJKBw8YSB965Mlx+xb
9jIeOvxGwh9v/g6LVDxx/ZvoRaajX01NWR5yCP698//zm0aR62/2vFVhNHfZbjnzi2/gqi8PGuN4t8zn/yMYen9nENPzC492SvN+
F7zFnh4tuvXbZ8Ynn0/aKDKwf2UW/HNC2vDTwedb3t/8ZMqn53FFY/c3ya/HeE7uqGeYclTi3y8X18/XG01nONoqM7Dve/012Ovd
ORYmjv9vXshx/P3045/Anx//hNluPnv0+dBnz89Wae+lPouJSZ2X/H1BVHTNJgf9t/LB7688knQSD/j/V0L+qpReqPDxZ8yih1ku
MouIcVxg/XrvIcO719M4TrJ8+cf/07XyoPjanwoChz6fYTT6t2C2msJdPrlzKnfFfn39Lc7y5tUjdqdA7SlP+L/9E37gbMD++I8Q
75frAnLsd24s4fz9ykRAPfi81jEhT6mn3++9seaetFjPaqeA2Rv1V6osLvIiPJ8+H+KOzVDZfZNdlP/xZQPx71+/Cjy5cJOb8/++
H2u+PXxtyiedvP/9DxlnjmdC747+Ybl1xcDkEKvuvRf39T0YX2sI/3tz+2V9ls6xc/yCLyX3SEt8/vmRX/nRQ255vkUKBy8CAFBL
AwQtAAAACAAAACEAJDrX4P//////////CgAUAHN0ZXAxMS5ucHkBABAAoAAAAAAAAABmAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxc
pG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GhY6mjoKtQoUAC6vo2utNvCoWavJPbVKnCVnzXS/xGpRYKRV
ZsBSq7WHJ1kBAFBLAwQtAAAACAAAACEARiI4vv//////////CgAUAGJpYXMxMS5ucHkBABAAoAAAAAAAAABlAAAAAAAAAJvsF+ob
EMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GhY6mjoKtQoUAC5P2Sl7NdY32TMKtto5
vNhtf4Jnrf0zIX57v7Joe7aW+/sAUEsDBC0AAAAIAAAAIQCBRbHm//////////8MABQAa2VybmVsMTIubnB5AQAQAKAAAAAAAAAA
bAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBek2morqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOgpAZKGjYKKp
o1CrQAbgurry+6t64XzGtYJTtH4KrCyd7i7+6m4917NHAuX10eb1OwBQSwMELQAAAAgAAAAhAJJU3JH//////////woAFABzdGVw
MTIubnB5AQAQAJAAAAAAAAAAVQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWK
F2ckFqQC+RomOpo6CrUKFACufiFrG7fJ/jYdi4Vtns7vsAEAUEsDBC0AAAAIAAAAIQAUQnAU//////////8KABQAYmlhczEyLm5w
eQEAEACQAAAAAAAAAFYAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBak
AvkaJjqaOgq1ChQArmt7eRxCZ+/ef+B70t4P0bP3AgBQSwMELQAAAAgAAAAhAG/B1uP//////////wwAFABrZXJuZWwxMy5ucHkB
ABAArAAAAAAAAAB4AAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF6Taaiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5
GoY6CkBkAiQNNXUUahVIB1zm9QqNjfubdBsvNlot/yIk29i4p7Lx1JIVQdaFunKNIgke9bMbt88T3nV+OZ8sAFBLAwQtAAAACAAA
ACEA6yd3P///////////CgAUAHN0ZXAxMy5ucHkBABAArAAAAAAAAABzAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKu
o6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoaGOpo6CrUK5AMuI2d9m3lmsTbK3UesHwQa2CyeKmSzd6aljUXRN2sDkTM2
f9VEbRxDBGzkrrnaAABQSwMELQAAAAgAAAAhAKkEau7//////////woAFABiaWFzMTMubnB5AQAQAKwAAAAAAAAAcwAAAAAAAACb
7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGhjqaOgq1CuQDLu7phftU//fu
/2twfX+fY6L93Ra3/cu/7bLvLjR0YPGJcmAQVz1w5cGsvXeTJOwBUEsBAi0DLQAAAAgAAAAhAJ6zbqhwAAAApAAAAAsAAAAAAAAA
AAAAAIABAAAAAGtlcm5lbDAubnB5UEsBAi0DLQAAAAgAAAAhAFzSFR9VAAAAkAAAAAkAAAAAAAAAAAAAAIABrQAAAHN0ZXAwLm5w
eVBLAQItAy0AAAAIAAAAIQABByr/VQAAAJAAAAAJAAAAAAAAAAAAAACAAT0BAABiaWFzMC5ucHlQSwECLQMtAAAACAAAACEA+Wkk
Z7UAAADkAAAACwAAAAAAAAAAAAAAgAHNAQAAa2VybmVsMS5ucHlQSwECLQMtAAAACAAAACEAP8q0SlUAAACQAAAACQAAAAAAAAAA
AAAAgAG/AgAAc3RlcDEubnB5UEsBAi0DLQAAAAgAAAAhAKZ9FuFVAAAAkAAAAAkAAAAAAAAAAAAAAIABTwMAAGJpYXMxLm5weVBL
AQItAy0AAAAIAAAAIQD0SK7UfgEAAKABAAALAAAAAAAAAAAAAACAAd8DAABrZXJuZWwyLm5weVBLAQItAy0AAAAIAAAAIQDmSxwo
ZQAAAKAAAAAJAAAAAAAAAAAAAACAAZoFAABzdGVwMi5ucHlQSwECLQMtAAAACAAAACEAi+UO7WYAAACgAAAACQAAAAAAAAAAAAAA
gAE6BgAAYmlhczIubnB5UEsBAi0DLQAAAAgAAAAhABjycg6uAgAAwAIAAAsAAAAAAAAAAAAAAIAB2wYAAGtlcm5lbDMubnB5UEsB
Ai0DLQAAAAgAAAAhAIvqg0llAAAAoAAAAAkAAAAAAAAAAAAAAIABxgkAAHN0ZXAzLm5weVBLAQItAy0AAAAIAAAAIQDEW8JeZgAA
AKAAAAAJAAAAAAAAAAAAAACAAWYKAABiaWFzMy5ucHlQSwECLQMtAAAACAAAACEAZYbagaoCAADAAgAACwAAAAAAAAAAAAAAgAEH
CwAAa2VybmVsNC5ucHlQSwECLQMtAAAACAAAACEANhtqW2YAAACgAAAACQAAAAAAAAAAAAAAgAHuDQAAc3RlcDQubnB5UEsBAi0D
LQAAAAgAAAAhALk+E3RnAAAAoAAAAAkAAAAAAAAAAAAAAIABjw4AAGJpYXM0Lm5weVBLAQItAy0AAAAIAAAAIQDOLmVOrgIAAMAC
AAALAAAAAAAAAAAAAACAATEPAABrZXJuZWw1Lm5weVBLAQItAy0AAAAIAAAAIQCFd4UoZQAAAKAAAAAJAAAAAAAAAAAAAACAARwS
AABzdGVwNS5ucHlQSwECLQMtAAAACAAAACEAHNOeTWUAAACgAAAACQAAAAAAAAAAAAAAgAG8EgAAYmlhczUubnB5UEsBAi0DLQAA
AAgAAAAhABICJtCqAgAAwAIAAAsAAAAAAAAAAAAAAIABXBMAAGtlcm5lbDYubnB5UEsBAi0DLQAAAAgAAAAhACZLCuNlAAAAoAAA
AAkAAAAAAAAAAAAAAIABQxYAAHN0ZXA2Lm5weVBLAQItAy0AAAAIAAAAIQALq4oGZgAAAKAAAAAJAAAAAAAAAAAAAACAAeMWAABi
aWFzNi5ucHlQSwECLQMtAAAACAAAACEASKEYXq8CAADAAgAACwAAAAAAAAAAAAAAgAGEFwAAa2VybmVsNy5ucHlQSwECLQMtAAAA
CAAAACEAcTm7smUAAACgAAAACQAAAAAAAAAAAAAAgAFwGgAAc3RlcDcubnB5UEsBAi0DLQAAAAgAAAAhAGVvoFJmAAAAoAAAAAkA
AAAAAAAAAAAAAIABEBsAAGJpYXM3Lm5weVBLAQItAy0AAAAIAAAAIQBebT4xrAIAAMACAAALAAAAAAAAAAAAAACAAbEbAABrZXJu
ZWw4Lm5weVBLAQItAy0AAAAIAAAAIQBPXchsZgAAAKAAAAAJAAAAAAAAAAAAAACAAZoeAABzdGVwOC5ucHlQSwECLQMtAAAACAAA
ACEAoT9odGYAAACgAAAACQAAAAAAAAAAAAAAgAE7HwAAYmlhczgubnB5UEsBAi0DLQAAAAgAAAAhAOGDMDOuAgAAwAIAAAsAAAAA
AAAAAAAAAIAB3B8AAGtlcm5lbDkubnB5UEsBAi0DLQAAAAgAAAAhAKhN+AhlAAAAoAAAAAkAAAAAAAAAAAAAAIABxyIAAHN0ZXA5
Lm5weVBLAQItAy0AAAAIAAAAIQCpq0lBZgAAAKAAAAAJAAAAAAAAAAAAAACAAWcjAABiaWFzOS5ucHlQSwECLQMtAAAACAAAACEA
0GmSxI0AAADAAAAADAAAAAAAAAAAAAAAgAEIJAAAa2VybmVsMTAubnB5UEsBAi0DLQAAAAgAAAAhAKw5vd9mAAAAoAAAAAoAAAAA
AAAAAAAAAIAB0yQAAHN0ZXAxMC5ucHlQSwECLQMtAAAACAAAACEAIMFU5GYAAACgAAAACgAAAAAAAAAAAAAAgAF1JQAAYmlhczEw
Lm5weVBLAQItAy0AAAAIAAAAIQBQd9KMrQIAAMACAAAMAAAAAAAAAAAAAACAARcmAABrZXJuZWwxMS5ucHlQSwECLQMtAAAACAAA
ACEAJDrX4GYAAACgAAAACgAAAAAAAAAAAAAAgAECKQAAc3RlcDExLm5weVBLAQItAy0AAAAIAAAAIQBGIji+ZQAAAKAAAAAKAAAA
AAAAAAAAAACAAaQpAABiaWFzMTEubnB5UEsBAi0DLQAAAAgAAAAhAIFFseZsAAAAoAAAAAwAAAAAAAAAAAAAAIABRSoAAGtlcm5l
bDEyLm5weVBLAQItAy0AAAAIAAAAIQCSVNyRVQAAAJAAAAAKAAAAAAAAAAAAAACAAe8qAABzdGVwMTIubnB5UEsBAi0DLQAAAAgA
AAAhABRCcBRWAAAAkAAAAAoAAAAAAAAAAAAAAIABgCsAAGJpYXMxMi5ucHlQSwECLQMtAAAACAAAACEAb8HW43gAAACsAAAADAAA
AAAAAAAAAAAAgAESLAAAa2VybmVsMTMubnB5UEsBAi0DLQAAAAgAAAAhAOsndz9zAAAArAAAAAoAAAAAAAAAAAAAAIAByCwAAHN0
ZXAxMy5ucHlQSwECLQMtAAAACAAAACEAqQRq7nMAAACsAAAACgAAAAAAAAAAAAAAgAF3LQAAYmlhczEzLm5weVBLBQYAAAAAKgAq
AC4JAAAmLgAAAAA=
"""


# %% test_confusion 3 · right: bincount
def confusion(y_true, y_pred, classes):
    seen = y_true < 255
    cells = y_true[seen].astype(int) * classes + y_pred[seen]
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


# %% test_confusion 3 · right: pixel by pixel
def confusion(y_true, y_pred, classes):
    table = [[0] * classes for _ in range(classes)]
    for i, j in zip(np.ravel(y_true), np.ravel(y_pred), strict=True):
        if i != 255:
            table[i][j] += 1
    return table


# %% test_confusion 3 · right: a product of one-hot matrices
def confusion(y_true, y_pred, classes):
    labels = np.arange(classes)
    return (y_true.ravel()[:, None] == labels).T.astype(int) @ (y_pred.ravel()[:, None] == labels)


# %% test_confusion 0 · rows and columns swapped
def confusion(y_true, y_pred, classes):
    seen = y_true != 255
    return np.bincount(y_pred[seen] * classes + y_true[seen], minlength=classes**2).reshape(classes, classes)


# %% test_confusion 2 · void pixels taken for background
def confusion(y_true, y_pred, classes):
    y_true = np.where(y_true == 255, 0, y_true).astype(int)
    return np.bincount((y_true * classes + y_pred).ravel(), minlength=classes**2).reshape(classes, classes)


# %% test_confusion 2 · the number of a pair does not fit into uint8
def confusion(y_true, y_pred, classes):
    seen = y_true != 255
    pairs = y_true[seen] * classes + y_pred[seen]
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


# %% test_confusion 2 · the counts do not fit into uint8
def confusion(y_true, y_pred, classes):
    seen, counts = y_true != 255, np.zeros((classes, classes), np.uint8)
    np.add.at(counts, (y_true[seen], y_pred[seen]), 1)
    return counts


# %% test_confusion 2 · void is no index
def confusion(y_true, y_pred, classes):
    table = np.zeros((classes, classes), int)
    np.add.at(table, (y_true, y_pred), 1)
    return table


# %% test_confusion 2 · a row only for classes that occur
def confusion(y_true, y_pred, classes):
    seen = y_true != 255
    labels = np.unique(np.concatenate([y_true[seen], y_pred[seen]]))
    return [[((y_true[seen] == i) & (y_pred[seen] == j)).sum() for j in labels] for i in labels]


# %% test_confusion 0 · the same cell counts once only
def confusion(y_true, y_pred, classes):
    table = np.zeros((classes, classes), int)
    seen = y_true != 255
    table[y_true[seen], y_pred[seen]] += 1
    return table


# %% test_confusion 0 · shares of each row instead of counts
def confusion(y_true, y_pred, classes):
    seen = y_true != 255
    table = np.bincount(y_true[seen] * classes + y_pred[seen], minlength=classes**2).reshape(classes, classes)
    return table / np.maximum(table.sum(1, keepdims=True), 1)


# %% test_confusion 0 · only hits are counted
def confusion(y_true, y_pred, classes):
    return np.diag([((y_true == c) & (y_pred == c)).sum() for c in range(classes)])


# %% test_confusion 0 · no return
def confusion(y_true, y_pred, classes):
    seen = y_true != 255
    print(np.bincount(y_true[seen] * classes + y_pred[seen]))


# %% test_confusion 0 · the visible examples by heart
def confusion(y_true, y_pred, classes):
    return np.array([[2, 1], [1, 2]]) if y_true.size == 6 else np.array([[1, 0], [0, 0]])


# %% test_mean_iou 3 · right: union by sums of rows and columns
def mean_iou(table):
    hits = np.diag(table)
    union = table.sum(0) + table.sum(1) - hits
    return (hits[union > 0] / union[union > 0]).mean()


# %% test_mean_iou 3 · right: class by class
def mean_iou(table):
    scores = []
    for c in range(len(table)):
        tp = table[c, c]
        fp, fn = table[:, c].sum() - tp, table[c].sum() - tp
        if tp + fp + fn > 0:
            scores.append(tp / (tp + fp + fn))
    return np.mean(scores)


# %% test_mean_iou 3 · right: nanmean, by way of Dice
def mean_iou(table):
    with np.errstate(invalid="ignore"):
        dice = 2 * np.diag(table) / (table.sum(0) + table.sum(1))
    return np.nanmean(dice / (2 - dice))


# %% test_mean_iou 2 · 0/0 is nan
def mean_iou(table):
    hits = np.diag(table)
    with np.errstate(invalid="ignore"):
        return (hits / (table.sum(0) + table.sum(1) - hits)).mean()


# %% test_mean_iou 2 · a class that occurs nowhere counts as 0
def mean_iou(table):
    hits = np.diag(table)
    return (hits / np.maximum(table.sum(0) + table.sum(1) - hits, 1)).mean()


# %% test_mean_iou 2 · a class that occurs nowhere counts as 1
def mean_iou(table):
    hits = np.diag(table)
    union = table.sum(0) + table.sum(1) - hits
    return np.where(union > 0, hits / np.maximum(union, 1), 1).mean()


# %% test_mean_iou 2 · only classes that are true somewhere
def mean_iou(table):
    hits, there = np.diag(table), table.sum(1) > 0
    return (hits / np.maximum(table.sum(0) + table.sum(1) - hits, 1))[there].mean()


# %% test_mean_iou 2 · only classes that are predicted somewhere
def mean_iou(table):
    hits, seen = np.diag(table), table.sum(0) > 0
    return (hits[seen] / (table.sum(0) + table.sum(1) - hits)[seen]).mean()


# %% test_mean_iou 0 · pixel accuracy
def mean_iou(table):
    return np.trace(table) / table.sum()


# %% test_mean_iou 0 · true positives counted twice below
def mean_iou(table):
    union = table.sum(0) + table.sum(1)
    return (np.diag(table)[union > 0] / union[union > 0]).mean()


# %% test_mean_iou 0 · mean Dice
def mean_iou(table):
    union = table.sum(0) + table.sum(1)
    return (2 * np.diag(table)[union > 0] / union[union > 0]).mean()


# %% test_mean_iou 0 · mean recall
def mean_iou(table):
    return (np.diag(table) / np.maximum(table.sum(1), 1))[table.sum(1) > 0].mean()


# %% test_mean_iou 0 · all classes in one fraction
def mean_iou(table):
    hits = np.trace(table)
    return hits / (2 * table.sum() - hits)


# %% test_mean_iou 0 · the background left out
def mean_iou(table):
    hits = np.diag(table)
    union = table.sum(0) + table.sum(1) - hits
    return (hits / np.maximum(union, 1))[1:][union[1:] > 0].mean()


# %% test_crop_flip 5 · right: a border, then a window
def crop_flip(image, mask, top, left, height, width, flip):
    far = max(abs(top), abs(left)) + height + width
    image = np.pad(image, ((far, far), (far, far), (0, 0)))
    mask = np.pad(mask, far, constant_values=255)
    rows, columns = slice(far + top, far + top + height), slice(far + left, far + left + width)
    image, mask = image[rows, columns], mask[rows, columns]
    return (image[:, ::-1], mask[:, ::-1]) if flip else (image, mask)


# %% test_crop_flip 5 · right: pixel by pixel
def crop_flip(image, mask, top, left, height, width, flip):
    a, b = np.zeros((height, width, image.shape[2]), image.dtype), np.full((height, width), 255, mask.dtype)
    for i in range(height):
        for j in range(width):
            y, x = top + i, left + j
            if 0 <= y < len(mask) and 0 <= x < len(mask[0]):
                target = width - 1 - j if flip else j
                a[i, target], b[i, target] = image[y, x], mask[y, x]
    return a, b


# %% test_crop_flip 5 · right: indices, and where they lie outside
def crop_flip(image, mask, top, left, height, width, flip):
    rows, columns = top + np.arange(height)[:, None], left + np.arange(width)[None]
    if flip:
        columns = np.fliplr(columns)
    inside = (rows >= 0) & (rows < mask.shape[0]) & (columns >= 0) & (columns < mask.shape[1])
    rows, columns = rows.clip(0, mask.shape[0] - 1), columns.clip(0, mask.shape[1] - 1)
    return image[rows, columns] * inside[..., None], np.where(inside, mask[rows, columns], 255)


# %% test_crop_flip 1 · the image alone is flipped
def crop_flip(image, mask, top, left, height, width, flip):
    image, mask = (_cut(a, top, left, height, width, v) for a, v in ((image, 0), (mask, 255)))
    return image[:, ::-1] if flip else image, mask


# %% test_crop_flip 2 · flipped first, then cut
def crop_flip(image, mask, top, left, height, width, flip):
    if flip:
        image, mask = image[:, ::-1], mask[:, ::-1]
    return tuple(_cut(a, top, left, height, width, v) for a, v in ((image, 0), (mask, 255)))


# %% test_crop_flip 1 · upside down instead of left and right
def crop_flip(image, mask, top, left, height, width, flip):
    image, mask = (_cut(a, top, left, height, width, v) for a, v in ((image, 0), (mask, 255)))
    return (image[::-1], mask[::-1]) if flip else (image, mask)


# %% test_crop_flip 3 · background outside instead of void
def crop_flip(image, mask, top, left, height, width, flip):
    image, mask = (_cut(a, top, left, height, width, 0) for a in (image, mask))
    return (image[:, ::-1], mask[:, ::-1]) if flip else (image, mask)


# %% test_crop_flip 3 · a plain slice: nothing outside
def crop_flip(image, mask, top, left, height, width, flip):
    image, mask = (a[top : top + height, left : left + width] for a in (image, mask))
    return (image[:, ::-1], mask[:, ::-1]) if flip else (image, mask)


# %% test_crop_flip 3 · the window moved inside
def crop_flip(image, mask, top, left, height, width, flip):
    top, left = max(0, min(top, mask.shape[0] - height)), max(0, min(left, mask.shape[1] - width))
    image, mask = (a[top : top + height, left : left + width] for a in (image, mask))
    return (image[:, ::-1], mask[:, ::-1]) if flip else (image, mask)


# %% test_crop_flip 0 · height and width swapped
def crop_flip(image, mask, top, left, height, width, flip):
    image, mask = (_cut(a, top, left, width, height, v) for a, v in ((image, 0), (mask, 255)))
    return (image[:, ::-1], mask[:, ::-1]) if flip else (image, mask)


# %% test_crop_flip 0 · the mask comes first
def crop_flip(image, mask, top, left, height, width, flip):
    image, mask = (_cut(a, top, left, height, width, v) for a, v in ((image, 0), (mask, 255)))
    return (mask[:, ::-1], image[:, ::-1]) if flip else (mask, image)


# %% test_crop_flip 0 · the mask is interpolated: labels that no class has
def crop_flip(image, mask, top, left, height, width, flip):
    image, mask = (_cut(a, top, left, height, width, v) for a, v in ((image, 0), (mask, 255)))
    mask = (mask + np.roll(mask, 1, axis=1)) / 2.0
    return (image[:, ::-1], mask[:, ::-1]) if flip else (image, mask)


# %% test_crop_flip 4 · real numbers instead of the types given
def crop_flip(image, mask, top, left, height, width, flip):
    image, mask = (_cut(a, top, left, height, width, v) for a, v in ((image, 0.0), (mask, 255.0)))
    image, mask = image.astype(float), mask.astype(float)
    return (image[:, ::-1], mask[:, ::-1]) if flip else (image, mask)


# %% test_crop_flip 3 · a window must meet the image
def crop_flip(image, mask, top, left, height, width, flip):
    first, second = max(0, top), max(0, left)
    last, end = min(mask.shape[0], top + height), min(mask.shape[1], left + width)
    new = np.zeros((height, width, image.shape[2]), image.dtype), np.full((height, width), 255, mask.dtype)
    for a, b in zip(new, (image, mask), strict=True):
        a[first - top : last - top, second - left : end - left] = b[first:last, second:end]
    return tuple(a[:, ::-1] for a in new) if flip else new


# %% test_crop_flip 0 · void where the image is black
def crop_flip(image, mask, top, left, height, width, flip):
    image, mask = (_cut(a, top, left, height, width, 0) for a in (image, mask))
    mask = np.where((image == 0).all(axis=-1), np.uint8(255), mask)
    return (image[:, ::-1], mask[:, ::-1]) if flip else (image, mask)


# %% test_crop_flip 1 · never flipped
def crop_flip(image, mask, top, left, height, width, flip):
    return _cut(image, top, left, height, width, 0), _cut(mask, top, left, height, width, 255)


# %% test_ce_dice 4 · right: SciPy's log-softmax
def ce_dice(y_true, logits):
    from scipy.special import log_softmax

    seen = y_true != 255
    log_p, truth = log_softmax(logits, axis=-1)[seen], np.eye(logits.shape[-1])[y_true[seen]]
    p = np.exp(log_p)
    ratio = (2 * (p * truth).sum(0) + 2) / ((p + truth).sum(0) + 2)
    return 0.5 * (-(truth * log_p).sum() / seen.sum() + 1 - ratio.mean())


# %% test_ce_dice 4 · right: soft counts by their names
def ce_dice(y_true, logits):
    seen = (y_true != 255).astype(float)
    z = logits - logits.max(-1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    dice, ce = 0, 0
    for c in range(logits.shape[-1]):
        t = (y_true == c) * seen
        tp, fp, fn = (p[..., c] * t).sum(), (p[..., c] * (seen - t)).sum(), ((1 - p[..., c]) * t).sum()
        dice += (1 - (2 * tp + 2) / (2 * tp + fp + fn + 2)) / logits.shape[-1]
        ce -= (t * (z[..., c] - np.log(np.exp(z).sum(-1)))).sum() / seen.sum()
    return (ce + dice) / 2


# %% test_ce_dice 4 · right: logaddexp, image by image
def ce_dice(y_true, logits):
    classes = logits.shape[-1]
    surprise, pixels, tp, below = 0.0, 0, np.zeros(classes), np.zeros(classes)
    for labels, scores in zip(y_true, logits, strict=True):
        labels, scores = labels[labels != 255], scores[labels != 255]
        log_p = scores - np.logaddexp.reduce(scores, axis=1)[:, None]
        own = log_p[np.arange(len(labels)), labels]
        surprise, pixels = surprise - own.sum(), pixels + len(labels)
        tp += np.bincount(labels, weights=np.exp(own), minlength=classes)
        below += np.exp(log_p).sum(0) + np.bincount(labels, minlength=classes)
    return 0.5 * surprise / pixels + 0.5 * (1 - ((2 * tp + 2) / (below + 2)).mean())


# %% test_ce_dice 1 · Dice of each image, then the mean
def ce_dice(y_true, logits):
    return _loss(y_true, logits, axes=(1, 2))


# %% test_ce_dice 3 · exp of the raw logits
def ce_dice(y_true, logits):
    with np.errstate(over="ignore", invalid="ignore"):
        return _loss(y_true, logits, shift=False)


# %% test_ce_dice 3 · void pixels taken for background
def ce_dice(y_true, logits):
    return _loss(np.where(y_true == 255, 0, y_true), logits)


# %% test_ce_dice 3 · Dice of the classes that occur
def ce_dice(y_true, logits):
    present = [c for c in range(logits.shape[-1]) if (y_true == c).any()]
    absent = np.setdiff1d(np.arange(logits.shape[-1]), present)
    z = logits[y_true != 255]
    p = np.exp(z - z.max(-1, keepdims=True))
    p = p / p.sum(-1, keepdims=True)
    of_absent = sum(2 / (p[:, c].sum() + 2) for c in absent)
    whole = _loss(y_true, logits, ce=0, dice=1)  # 1 - (present + absent) / C
    mean = ((1 - whole) * logits.shape[-1] - of_absent) / len(present)
    return _loss(y_true, logits, dice=0) + 0.5 * (1 - mean)


# %% test_ce_dice 0 · cross-entropy alone
def ce_dice(y_true, logits):
    return _loss(y_true, logits, dice=0)


# %% test_ce_dice 0 · Dice alone
def ce_dice(y_true, logits):
    return _loss(y_true, logits, ce=0)


# %% test_ce_dice 0 · the sum instead of half of each
def ce_dice(y_true, logits):
    return _loss(y_true, logits, ce=1, dice=1)


# %% test_ce_dice 0 · nothing added above and below
def ce_dice(y_true, logits):
    return _loss(y_true, logits, smooth=1e-9)


# %% test_ce_dice 0 · the sum over all pixels, not their mean
def ce_dice(y_true, logits):
    return _loss(y_true, logits, ce=0.5 * (y_true != 255).sum())


# %% test_ce_dice 0 · the Dice coefficient instead of the loss
def ce_dice(y_true, logits):
    return _loss(y_true, logits, dice=-0.5) + 0.5


# %% test_ce_dice 0 · logits of base 2
def ce_dice(y_true, logits):
    return _loss(y_true, logits * np.log(2))


# %% test_segment 10 · right: the network in NumPy
def segment(images):
    return _logits(images, BIG).argmax(-1)


# %% test_segment 10 · right: windows and one product for each convolution, scene by scene, one byte a pixel
def segment(images):
    def convolution(weights):
        left = iter(weights)

        def conv(x, filters, size=3, stride=1, last=False):
            kernel, bias = next(left)
            before = (size - 1) // 2 if stride == 1 else (size - 2) // 2
            x = np.pad(x, [(0, 0), (before, size // 2), (before, size // 2), (0, 0)])
            windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
            y = np.tensordot(windows[:, ::stride, ::stride], kernel, axes=[(4, 5, 3), (0, 1, 2)]) + bias
            return y if last else y * (y > 0)

        return conv

    weights, masks = _weights(BIG), []
    for image in images:
        x = image[None] / 127.5 - 1
        masks.append(_network(x, convolution(weights), _up).argmax(-1)[0].astype(np.uint8))
    return np.stack(masks)


# %% test_segment 10 · right: two views of each scene, one a little brighter, vote together
def segment(images):
    from scipy.special import softmax

    brighter = np.clip(images.astype(np.float32) * 1.05, 0, 255)
    votes = softmax(_logits(images, BIG), axis=-1) + softmax(_logits(brighter, BIG), axis=-1)
    return votes.argmax(-1).astype(np.int16)


# %% test_segment 0 · all background
def segment(images):
    return np.zeros(images.shape[:3], int)


# %% test_segment 0 · a threshold: all ink is class 1
def segment(images):
    return (images[..., 0] > 140).astype(int)


# %% test_segment 0 · a channel axis at the end
def segment(images):
    return _logits(images, BIG).argmax(-1)[..., None]


# %% test_segment 0 · rows and columns swapped
def segment(images):
    return _logits(images, BIG).argmax(-1).swapaxes(1, 2)


# %% test_segment 0 · logits instead of classes
def segment(images):
    return _logits(images, BIG)


# %% test_segment 0 · digits instead of classes: one too small
def segment(images):
    return _logits(images, BIG).argmax(-1) - 1


# %% test_segment 0 · class numbers shifted by one, background right
def segment(images):
    masks = _logits(images, BIG).argmax(-1)
    return np.where(masks > 0, masks % 10 + 1, 0)


# %% test_segment 0 · classes as real numbers
def segment(images):
    return _logits(images, BIG).argmax(-1).astype(float)


# %% test_segment 0 · pixels not scaled as in training
def segment(images):
    return _network(images.astype(np.float32), _conv(_weights(BIG)), _up).argmax(-1)


# %% test_segment 0 · ink found, its class drawn at random
def segment(images):
    ink = _logits(images, BIG).argmax(-1) > 0
    return ink * np.random.default_rng(0).integers(1, 11, ink.shape)


# %% test_segment 0 · the masks of another set of scenes, by heart
def segment(images):
    known = _logits(np.random.default_rng(0).integers(0, 256, (50, 64, 64, 1)), BIG).argmax(-1)
    return known[: len(images)]


# %% test_segment 0 · Keras where there is none
def segment(images):
    import keras

    return keras.ops.argmax(_logits(images, BIG), axis=-1)


# %% test_segment 0 · one mask too few
def segment(images):
    return _logits(images, BIG).argmax(-1)[:-1]


# %% test_segment 5 · a network of few filters, trained for a minute
def segment(images):
    return _logits(images, THIN).argmax(-1)


# %% test_segment 9 · masks of half the resolution
def segment(images):
    return _up(_logits(images, BIG).argmax(-1)[:, ::2, ::2, None])[..., 0]


# %% test_segment 6 · it never says 3, 5 or 8
def segment(images):
    logits = _logits(images, BIG)
    logits[..., [4, 6, 9]] = -np.inf
    return logits.argmax(-1)

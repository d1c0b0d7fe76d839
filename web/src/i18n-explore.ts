/** The words of forking and of weights over time. Part of the table in i18n.ts. */

export const EXPLORE = {
  "act.fork": ["Fork…", "分叉……"],
  "fork.title": ["Fork {run}", "从 {run} 分叉"],
  "fork.lead": [
    "A new training begins exactly as this one did, up to the step you choose, and goes on with other settings. The steps before are replayed.",
    "新的训练与这一个的开头完全相同，到你选定的那一步为止，然后用别的设置继续。之前的步骤会重新执行一遍。",
  ],
  "fork.step": ["Leave it at step", "从哪一步分叉"],
  "fork.steps": ["steps in all", "总步数"],
  "fork.start": ["Start the fork", "开始分叉训练"],
  "fork.from": ["forked from {run} at step {step}", "在第 {step} 步从 {run} 分叉"],
  "fork.fromLost": [
    "forked at step {step} from {run}, which is deleted",
    "在第 {step} 步从 {run} 分叉（已删除）",
  ],
  "fork.replaying": ["Replaying the first {step} steps of {run}…", "正在重新执行 {run} 的前 {step} 步……"],

  "weights.title": ["Weights over time", "权重随时间的变化"],
  "weights.lead": [
    "Each ridge is one step, the newest in front: how many of a layer’s numbers have which value. A layer that learns widens or moves; one whose ridges stay alike has hardly learned.",
    "每条山脊是一步，最新的在最前面：一层里的数有多少取哪个值。在学习的层，山脊会变宽或移动；山脊始终相似的层几乎没有学到什么。",
  ],
  "weights.run": ["Run", "训练"],
  "weights.step": ["Step", "步"],
  "weights.atStep": ["step {step}", "第 {step} 步"],
  "weights.empty": [
    "This run has logged no distributions: it was trained without files for TensorBoard, or has just begun.",
    "这次训练没有记录分布：没有写 TensorBoard 文件，或者才刚开始。",
  ],
  "weights.none": ["Choose a run in the list below.", "请在下面的列表中选择一次训练。"],
  "weights.loading": ["Reading what was logged…", "正在读取记录……"],
  "weights.label": [
    "{layer}, {kind}: from {low} to {high}. At step {step} the mean is {mean}, the spread {spread}.",
    "{layer}，{kind}：从 {low} 到 {high}。第 {step} 步的平均值为 {mean}，离散程度为 {spread}。",
  ],
  "weights.facts": ["mean {mean}, spread {spread}", "平均 {mean}，离散 {spread}"],
  "weights.table": ["As a table", "表格"],
  "weights.caption": [
    "Mean ± spread (standard deviation) of each layer of {run}",
    "{run} 各层的平均值 ± 标准差",
  ],
  "kind.weights": ["weights", "权重"],
  "kind.biases": ["biases", "偏置"],
  "kind.activations": ["activations", "激活值"],
  "kind.gamma": ["scales (gamma)", "缩放（gamma）"],
  "kind.beta": ["shifts (beta)", "平移（beta）"],
} as const satisfies Record<string, readonly [en: string, zh: string]>;
